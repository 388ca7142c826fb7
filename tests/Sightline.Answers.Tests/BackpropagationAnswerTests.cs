using System.Reflection;
using Sightline.Autograd;

namespace Sightline.Tests;

/// <summary>answers/18-backpropagation.cs runs, and its gradients are those of src/Sightline.Autograd; exercise 18 names each planted mistake.</summary>
public sealed class BackpropagationAnswerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("answer-18-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_answer_runs_and_equals_the_engine()
    {
        string program = AnswerProgram.Built("answers/18-backpropagation.cs");
        string data = TwoClasses.Write(Path.Combine(folder, "pictures"), perClass: 30);
        SightlineProcess run = SightlineProcess.Start("dotnet", [program, data, "--epochs", "8"], folder);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains("by hand 25, 10, 20; by code 25, 10, 20", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"largest difference between backward and differences: \d\.\de-(0[7-9]|1\d)", run.Output);
        Assert.Matches(@"(?m)^epoch  8  loss \d\.\d{3}  held-out top-1 1\.000", run.Output);

        Assembly answer = Assembly.LoadFrom(program);
        dynamic network = Activator.CreateInstance(answer.GetType("Network", throwOnError: true)!, 5, 4, 3, 7ul)!;
        var draw = new SeedStream(9, "inputs");
        double[][] images = [.. Enumerable.Range(0, 6).Select(_ => Enumerable.Range(0, 5).Select(_ => draw.Normal(0, 1)).ToArray())];
        int[] labels = [0, 1, 2, 2, 1, 0];
        dynamic loss = network.Loss(images, labels);
        loss.Backward();
        var parameters = (IReadOnlyList<dynamic>)[.. (Array)network.Parameters];
        Variable[] weights = [.. parameters.Select(p => Variable.Parameter(Of((double[][])p.Value)))];
        Variable hidden = (Variable.Constant(Of(images)).MatMul(weights[0]) + weights[1]).Relu();
        Variable expected = (hidden.MatMul(weights[2]) + weights[3]).CrossEntropy(labels);
        expected.Backward();
        Assert.Equal(expected.Data.Item, (double)loss.Value[0][0], 1e-12);
        for (int i = 0; i < weights.Length; i++)
        {
            double[] written = [.. ((double[][])parameters[i].Gradient).SelectMany(row => row)];
            Assert.All(weights[i].Gradient!.Values.Zip(written), g => Assert.Equal(g.First, g.Second, 1e-12));
        }
    }

    [Fact]
    public void The_exercise_passes_the_reference_and_names_every_planted_mistake()
    {
        const string loop = """
            Gradient = 1;
                    order.Reverse();
                    foreach (Value value in order)
                    {
                        double[] each = value.shares?.Invoke(value.Gradient) ?? [];
                        for (int i = 0; i < each.Length; i++)
                            value.from[i].Gradient += each[i];
                    }
            """;
        Exercise.Check(18, "18-backpropagation/reference/Value.cs", "BackpropagationExercise",
            new("NoStart", "Gradient = 1;", "", "the gradient of L by itself"),
            new("WrongWayRound", "[g * b.Data, g * a.Data]", "[g * a.Data, g * b.Data]", "the product rule is the wrong way round"),
            new("NoChain", "[g * b.Data, g * a.Data]", "[b.Data, a.Data]", "the gradient that comes from behind is missing"),
            new("ReluOpen", "[Data > 0 ? g : 0]", "[g]", "a ReLU that is off lets a gradient through"),
            new("TanhOfInput", "1 - y * y", "1 - Data * Data", "tanh' is 1 − tanh(x)²"),
            new("WrittenOver", ".Gradient += each[i]", ".Gradient = each[i]", "shares are added up"),
            new("AtOnce", loop, """
                Gradient = 0;
                        Flow(this, 1);
                        static void Flow(Value value, double g)
                        {
                            value.Gradient += g;
                            double[] each = value.shares?.Invoke(value.Gradient) ?? [];
                            for (int i = 0; i < each.Length; i++)
                                Flow(value.from[i], each[i]);
                        }
                """, "before all of it had arrived"),
            new("Leftover", "value.Gradient = 0;", "_ = value;", "still in"));
    }

    private static NdArray Of(double[][] rows) => new([.. rows.SelectMany(r => r)], rows.Length, rows[0].Length);
}
