namespace Sightline.Tests;

/// <summary>Verbs that need no torch must not even look at it: here it is not there.</summary>
public sealed class WithoutTorchTests : IClassFixture<WithoutTorchTests.NoTorch>
{
    private readonly NoTorch program;

    public WithoutTorchTests(NoTorch program) => this.program = program;

    [Theory]
    [InlineData("--version")]
    [InlineData("--help")]
    [InlineData("ask")]
    [InlineData("ask 11")]
    [InlineData("ask residual --json")]
    [InlineData("models list")]
    [InlineData("models show resnet18 --json")]
    [InlineData("data info --help")]
    [InlineData("diagnose tests/Sightline.Cli.Tests/Diagnosing/log.csv")]
    [InlineData("diagnose tests/Sightline.Cli.Tests/Diagnosing/log.csv --json")]
    public void Runs_without_libtorch_and_without_TorchSharp(string line)
    {
        SightlineProcess run = program.Copy.Run(line.Split(' '));
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.NotEmpty(run.Output);
    }

    [Fact]
    public void Practises_without_libtorch_and_without_TorchSharp()
    {
        using var checkout = new PracticeCheckout();
        SightlineProcess run = program.Copy.RunIn(checkout.Folder, "healthy\n", "ask", "1", "--practice", "--seed", "1");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("1 of 1 run answered", run.Output);
    }

    [Fact]
    public void An_unknown_verb_is_one_line_with_the_nearest_and_exit_code_2()
    {
        SightlineProcess run = program.Copy.Run("docter");
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.Equal("sightline: There is no verb 'docter'. Did you mean 'doctor'? See: sightline --help", run.Error.TrimEnd());
    }

    [Fact]
    public void A_wrong_option_names_the_verbs_help()
    {
        SightlineProcess run = program.Copy.Run("models", "list", "--jsn");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--jsn", run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    public sealed class NoTorch : IDisposable
    {
        internal ProgramCopy Copy { get; } = new(f => f.Contains("torch", StringComparison.OrdinalIgnoreCase) && !f.StartsWith("Sightline.", StringComparison.Ordinal)
            || f.StartsWith("libc10", StringComparison.Ordinal) || f.StartsWith("libonnxruntime", StringComparison.Ordinal));

        public void Dispose() => Copy.Dispose();
    }
}
