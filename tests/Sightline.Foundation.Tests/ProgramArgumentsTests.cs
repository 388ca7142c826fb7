namespace Sightline.Tests;

public class ProgramArgumentsTests
{
    [Fact]
    public void ReadsAPathOptionsAndFlagsInAnyOrder()
    {
        ProgramArguments read = Read("--seed", "7", "images", "--quick", "--picture", "--odd.jpg");
        Assert.Equal("images", read.Path);
        Assert.Equal(7, read.Number("--seed", 1));
        Assert.Equal(3, read.Number("--epochs", 3));
        Assert.True(read.Has("--quick"));
        Assert.Equal("--odd.jpg", read.Text("--picture")); // what follows an option is its value, whatever it looks like
        Assert.Null(Read().Path);
    }

    [Theory]
    [InlineData("There is no option --sed. Did you mean --seed?", "--sed", "7")]
    [InlineData("There is no option --workers. Options: --seed, --epochs, --picture, --quick.", "--workers")]
    [InlineData("--seed needs a value.", "--seed")]
    [InlineData("There are two paths, a and b; expected one.", "a", "b")]
    [InlineData("--epochs is '0'; expected a whole number of at least 1.", "--epochs", "0")]
    [InlineData("--epochs is '1.5'; expected a whole number of at least 1.", "--epochs", "1.5")]
    public void WhatIsMistypedIsNamed(string message, params string[] arguments)
    {
        BadInputException error = Assert.Throws<BadInputException>(() => Read(arguments).Number("--epochs", 3));
        Assert.Equal(("usage", message), (error.Code, error.Message));
    }

    private static ProgramArguments Read(params string[] arguments) => new(arguments, ["--seed", "--epochs", "--picture"], "--quick");
}
