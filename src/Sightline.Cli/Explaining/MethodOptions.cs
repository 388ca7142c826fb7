using System.CommandLine;
using Sightline.Imaging;
using Sightline.Training.Evaluation;
using Sightline.Training.Explanations;

namespace Sightline.Cli.Explaining;

/// <summary>The options that say how a decision is explained, and what was asked by them.</summary>
internal sealed class MethodOptions
{
    private readonly Option<string> method = new("--method") { Description = "grad-cam, cam, occlusion or integrated-gradients.", DefaultValueFactory = _ => "grad-cam" };
    private readonly Option<string?> layer = new("--layer") { Description = "For grad-cam: the layer whose map is weighted; by default the last with a spatial extent." };
    private readonly Option<int?> patch = new("--patch") { Description = "For occlusion: the patch's side in pixels of the network's input; by default a fifth of its shorter side." };
    private readonly Option<int?> stride = new("--stride") { Description = "For occlusion: how far the patch moves; by default half its side." };
    private readonly Option<int> steps = new("--steps") { Description = "For integrated-gradients: points on the way at which the gradient is taken.", DefaultValueFactory = _ => new ExplanationOptions().Steps };
    private readonly Option<string> blank = new("--blank") { Description = "What covers a patch, and where integrated gradients begin: mean (of the training images), black, grey or white.", DefaultValueFactory = _ => "mean" };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[method, layer, patch, stride, steps, blank])
            command.Options.Add(option);
    }

    /// <summary>What was asked.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The network, for the blank's colour.</param>
    /// <returns>The options; the class is left to the caller.</returns>
    /// <exception cref="BadInputException">A name is unknown or a number out of its range.</exception>
    public ExplanationOptions Read(ParseResult parsed, TrainedModel model)
    {
        string named = parsed.GetValue(method)!;
        ExplanationMethod[] methods = Enum.GetValues<ExplanationMethod>();
        string[] names = [.. methods.Select(HeatPicture.NameOf)];
        int index = Array.IndexOf(names, named);
        if (index < 0)
            throw Unknown("--method", named, names);
        RefuseOthers(parsed, methods[index], named);
        var options = new ExplanationOptions
        {
            Method = methods[index],
            Layer = parsed.GetValue(layer),
            Patch = parsed.GetValue(patch),
            Stride = parsed.GetValue(stride),
            Steps = parsed.GetValue(steps),
            Blank = BlankOf(parsed.GetValue(blank)!, model.Preprocessing),
        };
        options.Check();
        return options;
    }

    // What a method would not look at is not silently passed over.
    private void RefuseOthers(ParseResult parsed, ExplanationMethod asked, string named)
    {
        (Option Option, ExplanationMethod[] Of)[] owners =
        [
            (layer, [ExplanationMethod.GradCam, ExplanationMethod.Cam]),
            (patch, [ExplanationMethod.Occlusion]),
            (stride, [ExplanationMethod.Occlusion]),
            (steps, [ExplanationMethod.IntegratedGradients]),
            (blank, [ExplanationMethod.Occlusion, ExplanationMethod.IntegratedGradients]),
        ];
        foreach ((Option option, ExplanationMethod[] of) in owners)
        {
            if (!of.Contains(asked) && parsed.GetResult(option) is { Implicit: false })
                throw new BadInputException("usage", $"{option.Name} is for {string.Join(" and ", of.Select(HeatPicture.NameOf))}, not for {named}.");
        }
    }

    /// <summary>A class by its name.</summary>
    /// <param name="name">What was typed; null for none.</param>
    /// <param name="classes">The network's classes.</param>
    /// <returns>Its index; null for none.</returns>
    /// <exception cref="BadInputException">There is no such class (<c>class-unknown</c>, with the nearest name).</exception>
    public static int? ClassOf(string? name, IReadOnlyList<string> classes)
    {
        if (name is null)
            return null;
        int index = classes.ToList().IndexOf(name);
        return index >= 0 ? index : throw new BadInputException("class-unknown", $"The network knows no class '{name}'.",
            fix: NearestName.Find(name, classes) is string near ? $"Did you mean '{near}'?" : $"Classes: {string.Join(", ", classes.Take(20))}{(classes.Count > 20 ? " …" : "")}.");
    }

    private static float[] BlankOf(string name, Preprocessing preprocessing)
    {
        double? grey = name switch
        {
            "mean" => null,
            "black" => 0,
            "grey" => 0.5,
            "white" => 1,
            _ => throw Unknown("--blank", name, ["mean", "black", "grey", "white"]),
        };
        return [.. preprocessing.Mean.Zip(preprocessing.Std, (mean, deviation) => grey is double g ? (float)((g - mean) / deviation) : 0)];
    }

    private static BadInputException Unknown(string option, string value, string[] names) => new("usage", $"{option} is '{value}'; expected {string.Join(", ", names[..^1])} or {names[^1]}.",
        fix: NearestName.Find(value, names) is string near ? $"Did you mean '{near}'?" : null);
}
