using Sightline.Diagnosis;
using Sightline.Training.Recipes;

namespace Sightline.Tests;

/// <summary>What a diagnosis says to set is a key of our recipes, with a value that they take.</summary>
public sealed class RemedySettingsTests
{
    private const string Recipe = """
        data:
          path: images
        network:
          name: cifar_resnet20
        training:
          epochs: 30
        """;

    /// <summary>Every code of the list.</summary>
    public static TheoryData<string> Codes { get; } = [.. FindingCodes.All];

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_recipe_takes_what_a_remedy_sets(string code)
    {
        Finding first = Diagnostician.Assess(PlantedFaults.Of(code).Build()).Findings[0];
        foreach (Remedy remedy in first.Remedies.Where(r => r.Settings.Count > 0))
        {
            Recipe recipe = RecipeFile.Parse(Recipe, "recipe.yaml", remedy.Settings);
            Assert.NotEqual(RecipeFile.Parse(Recipe, "recipe.yaml"), recipe);
        }
    }
}
