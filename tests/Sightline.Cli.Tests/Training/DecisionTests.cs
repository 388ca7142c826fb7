using System.Text.Json;
using Google.Protobuf;
using Onnx;
using Sightline.Imaging;
using Sightline.Runtime;

namespace Sightline.Tests;

/// <summary>--prior and --weight as a person types them: evaluated, exported, verified, predicted.</summary>
public sealed class DecisionTests : IClassFixture<DecisionTests.Unbalanced>
{
    private const string Prior = "cone=0.2,crate=0.5,person=0.3", Weight = "person=5";
    private readonly Unbalanced trained;

    public DecisionTests(Unbalanced trained) => this.trained = trained;

    [Fact]
    public void Evaluate_says_what_it_decided_by()
    {
        using JsonDocument plain = JsonDocument.Parse(Ok("evaluate", trained.Run, "--json").Output), even = JsonDocument.Parse(Ok("evaluate", trained.Run, "--prior", "uniform", "--json").Output);
        Assert.Equal(JsonValueKind.Null, plain.RootElement.GetProperty("decision").ValueKind);
        JsonElement decision = even.RootElement.GetProperty("decision"), learnt = decision.GetProperty("learntPrior");
        Assert.True(learnt.GetProperty("cone").GetDouble() > 7 * learnt.GetProperty("person").GetDouble());
        foreach (string name in (string[])["cone", "crate", "person"])
            Assert.Equal(Math.Log(1 / 3.0 / learnt.GetProperty(name).GetDouble()), decision.GetProperty("offsets").GetProperty(name).GetDouble(), 1e-9);
        Assert.Equal("probabilities", decision.GetProperty("outputs").GetString());
        Assert.NotEqual(plain.RootElement.GetProperty("negativeLogLikelihood").GetDouble(), even.RootElement.GetProperty("negativeLogLikelihood").GetDouble());
        Assert.Equal(plain.RootElement.GetProperty("fingerprint").GetString(), even.RootElement.GetProperty("fingerprint").GetString());

        // What was learnt is what came: nothing changes.
        using JsonDocument same = JsonDocument.Parse(Ok("evaluate", trained.Run, "--prior", "train", "--json").Output);
        Assert.Equal(plain.RootElement.GetProperty("negativeLogLikelihood").GetDouble(), same.RootElement.GetProperty("negativeLogLikelihood").GetDouble(), 1e-6);

        string text = Ok("evaluate", trained.Run, "--prior", Prior, "--weight", Weight).Output;
        Assert.Contains("prior: cone 0.2, crate 0.5, person 0.3 in service; learnt were cone 0.", text, StringComparison.Ordinal);
        Assert.Contains("weights: a miss of person costs 5 times as much\n", text, StringComparison.Ordinal);
        Assert.Contains("scores to decide by", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_export_carries_them_in_its_weights_and_its_contract_and_verify_passes()
    {
        string plain = trained.PathOf("plain.onnx"), moved = trained.PathOf("moved.onnx");
        Ok("export", trained.Run, "-o", plain);
        SightlineProcess export = Ok("export", trained.Run, "-o", moved, "--prior", Prior, "--weight", Weight, "--json");
        Assert.Contains("a miss of person costs 5 times as much", export.Error, StringComparison.Ordinal);
        using JsonDocument exported = JsonDocument.Parse(export.Output);
        using ImageClassifier before = ImageClassifier.Open(plain), after = ImageClassifier.Open(moved);
        ContractDecision decision = after.Contract.Decision!;
        Assert.Null(before.Contract.Decision);
        Assert.Equal(before.Contract.RunFingerprint, after.Contract.RunFingerprint);
        Assert.Equal([0.2, 0.5, 0.3], decision.Prior!);
        Assert.Equal([1, 1, 5], decision.Weights!);
        for (int k = 0; k < 3; k++)
            Assert.Equal(Math.Log(decision.Prior![k] / decision.LearntPrior![k]) + Math.Log(decision.Weights![k]), decision.Offsets[k], 1e-12);
        Assert.Equal(decision.Offsets[2], exported.RootElement.GetProperty("decision").GetProperty("offsets").GetProperty("person").GetDouble(), 1e-12);
        foreach (string picture in trained.Pictures)
        {
            RgbImage image = ImageCodec.Decode(File.ReadAllBytes(picture), picture);
            IReadOnlyList<float> was = before.Classify(image).Logits, now = after.Classify(image).Logits;
            for (int k = 0; k < 3; k++)
                Assert.Equal(was[k] + decision.Offsets[k], now[k], 1e-4);
        }

        SightlineProcess verify = Ok("verify", moved, trained.Run, "--json", "--random", "16");
        using JsonDocument verified = JsonDocument.Parse(verify.Output);
        Assert.True(verified.RootElement.GetProperty("passed").GetBoolean());
        Assert.InRange(verified.RootElement.GetProperty("maxAbsDifference").GetDouble(), 0, 1e-4);
        Assert.Equal("decision scores", verified.RootElement.GetProperty("decision").GetProperty("outputs").GetString());
        // A contract that names other weights than the file's does not pass, nor one that hides them.
        foreach (ContractDecision? told in (ContractDecision?[])[null, decision with { Weights = [1, 1, 6] }])
        {
            string lying = trained.WithContract(moved, after.Contract with { Decision = told });
            SightlineProcess caught = SightlineProcess.Run("verify", lying, trained.Run, "--random", "0", "--json");
            Assert.Equal(1, caught.ExitCode);
            using JsonDocument document = JsonDocument.Parse(caught.Output);
            Assert.True(told is null ? document.RootElement.GetProperty("maxAbsDifference").GetDouble() > 0.1 : caught.Error.Contains("offsets", StringComparison.Ordinal), caught.Error);
        }

        using JsonDocument byFile = JsonDocument.Parse(Ok("predict", moved, trained.Pictures[0], "--json").Output);
        using JsonDocument byRun = JsonDocument.Parse(Ok("predict", trained.Run, trained.Pictures[0], "--prior", Prior, "--weight", Weight, "--json").Output);
        Assert.Equal(byRun.RootElement.GetProperty("predictions")[0].GetProperty("probability").GetDouble(), byFile.RootElement.GetProperty("predictions")[0].GetProperty("probability").GetDouble(), 1e-4);
        Assert.Equal(byRun.RootElement.GetProperty("decision").GetRawText(), byFile.RootElement.GetProperty("decision").GetRawText());
        SightlineProcess refused = SightlineProcess.Run("predict", moved, trained.Pictures[0], "--weight", Weight);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("has them in its weights", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--prior", "cone=0.5,crat=0.5", "'crat' is not a class of this network. Did you mean 'crate'?")]
    [InlineData("--prior", "cone=0.5,crate=0.2,person=0.2", "add up to 0.9; expected 1")]
    [InlineData("--prior", "cone=0.5,crate=0.5,person=0", "The share of 'person' is 0; expected more than 0")]
    [InlineData("--prior", "cone=0.5,crate=0.5", "no share for 'person'")]
    [InlineData("--prior", "even", "expected: uniform, train or NAME=SHARE,NAME=SHARE…")]
    [InlineData("--weight", "person=-1", "The weight of 'person' is -1; expected more than 0")]
    [InlineData("--weight", "person=dear", "'dear' for 'person' is not a number")]
    [InlineData("--weight", "person=2,person=3", "names 'person' twice")]
    [InlineData("--weight", "dog=2", "'dog' is not a class of this network.")]
    public void What_cannot_be_used_is_one_line_and_exit_2(string option, string value, string says)
    {
        SightlineProcess result = SightlineProcess.Run("evaluate", trained.Run, option, value);
        Assert.Equal(2, result.ExitCode);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(says, result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public void Class_names_may_hold_commas_and_equals_signs()
    {
        using var tiny = new TinyImageFolder(perClass: 12);
        Directory.Move(Path.Combine(tiny.Images, "cone"), Path.Combine(tiny.Images, "cone, red=1"));
        string run = tiny.PathOf("run");
        Ok("train", tiny.Recipe(training: "epochs: 1, batchSize: 8, precision: float32"), "--out", run);
        using JsonDocument scores = JsonDocument.Parse(Ok("evaluate", run, "--prior", "crate=0.3,cone, red=1=0.5,person=0.2", "--weight", "cone, red=1=2", "--json").Output);
        JsonElement decision = scores.RootElement.GetProperty("decision");
        Assert.Equal(0.5, decision.GetProperty("prior").GetProperty("cone, red=1").GetDouble(), 1e-12);
        Assert.Equal(2, decision.GetProperty("weights").GetProperty("cone, red=1").GetDouble());
    }

    private static SightlineProcess Ok(params string[] arguments)
    {
        SightlineProcess result = SightlineProcess.Run(arguments);
        Assert.True(result.ExitCode == 0, result.Error);
        return result;
    }

    /// <summary>One run with eight cones for each person.</summary>
    public sealed class Unbalanced : IDisposable
    {
        private readonly TinyImageFolder folder = new();

        public Unbalanced()
        {
            Run = folder.PathOf("run");
            Ok("train", folder.Recipe(training: "epochs: 3, batchSize: 16, precision: float32"), "--out", Run, "--set", "data.split.imbalance=8");
        }

        public string Run { get; }

        public string[] Pictures => [.. Directory.EnumerateFiles(folder.Images, "00?.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

        public string PathOf(string name) => folder.PathOf(name);

        public string WithContract(string onnx, ModelContract contract)
        {
            ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(onnx));
            model.MetadataProps.Single(m => m.Key == ModelContract.MetadataKey).Value = contract.ToJson();
            string path = folder.PathOf("lying.onnx");
            File.WriteAllBytes(path, model.ToByteArray());
            return path;
        }

        public void Dispose() => folder.Dispose();
    }
}
