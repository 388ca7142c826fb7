using Sightline.Models;
using Sightline.Training.Recipes;

namespace Sightline.Tests;

public sealed class ShippedRecipeTests
{
    public static TheoryData<string> Shipped => [.. Directory.EnumerateFiles(Repository.PathOf("recipes"), "*.yaml").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Every_recipe_that_ships_can_be_read_and_names_a_network(string name)
    {
        Recipe recipe = RecipeFile.Read(Repository.PathOf($"recipes/{name}"));
        NetworkCard card = Networks.Find(recipe.Network.Name);
        Assert.True(card.SmallestInput <= (recipe.Preprocessing.Width ?? card.InputSize));
        Assert.Equal(recipe, RecipeFile.Parse(RecipeFile.Text(recipe), "again"));
    }
}
