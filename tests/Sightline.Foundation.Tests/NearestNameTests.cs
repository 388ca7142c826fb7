namespace Sightline.Tests;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("resnet81", "resnet18")]
    [InlineData("ResNet50", "resnet50")]
    [InlineData("leraning_rate", "learning_rate")]
    [InlineData("xyz", null)]
    public void Finds_what_was_meant(string typed, string? meant) =>
        Assert.Equal(meant, NearestName.Find(typed, ["resnet18", "resnet50", "learning_rate"]));
}
