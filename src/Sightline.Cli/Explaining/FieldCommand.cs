using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Prediction;
using Sightline.Cli.Terminal;
using Sightline.Imaging;
using Sightline.Training.Evaluation;
using Sightline.Training.Explanations;
using static TorchSharp.torch;

namespace Sightline.Cli.Explaining;

/// <summary><c>sightline explain receptive-field</c>: how far a cell of a layer's map can see, and how far it looks.</summary>
internal static class FieldCommand
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        Argument<string> model = RunCommand.Model();
        var images = new Argument<string[]>("images") { Description = "Pictures, or folders of pictures, to measure on; by default noise.", Arity = ArgumentArity.ZeroOrMore };
        Option<string?> layer = RunCommand.Layer("the last with a spatial extent");
        var noise = new Option<int>("--noise") { Description = "How many images of noise to measure on, where no pictures are given.", DefaultValueFactory = _ => 32 };
        Option<string> folder = RunCommand.Out();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("receptive-field", "Work out how far a layer can see, and measure how far it looks. Example: sightline explain receptive-field runs/first --layer layer2") { model, images, layer, noise, folder, json };
        command.Runs((parsed, cancellationToken) =>
        {
            (string to, int count) = (parsed.GetValue(folder)!, parsed.GetValue(noise));
            RunCommand.RequireFolder(to);
            if (count is < 1 or > 10_000)
                throw new BadInputException("usage", $"--noise is {count}; expected 1 to 10000.");
            string[] files = RunCommand.Pictures(parsed.GetValue(images) ?? []);
            using TrainedModel trained = RunCommand.Load(parsed.GetValue(model)!);
            Preprocessing size = trained.Preprocessing;
            ReceptiveField could = ReceptiveField.Of(trained.Network, size.Height, size.Width, parsed.GetValue(layer));
            IReadOnlyList<BadInputException> unreadable = [];
            using Tensor inputs = files.Length == 0 ? EffectiveField.Noise(count, size.Height, size.Width, trained.Recipe.Seed) : Read(files, size, out unreadable);
            EffectiveField does = EffectiveField.Of(trained.Network, inputs, could.Layer, cancellationToken: cancellationToken);
            string picture = RunCommand.Write(to, $"receptive-field-{could.Layer}", HeatPicture.DrawField(does, could));
            if (parsed.GetValue(json))
            {
                JsonOutput.WriteObject(w =>
                {
                    Members(w, could, does, files.Length == 0, picture);
                    w.WriteUnreadable(unreadable);
                });
            }
            else
            {
                Console.Out.Write(Text(could, does, size, files.Length == 0, picture));
            }
            return PictureFiles.End(unreadable);
        });
        return command;
    }

    private static Tensor Read(string[] files, Preprocessing preprocessing, out IReadOnlyList<BadInputException> unreadable)
    {
        var values = new List<float[]>();
        unreadable = RunCommand.ForEach(files, (_, picture) =>
        {
            var input = new float[preprocessing.Length];
            preprocessing.Apply(picture, input);
            values.Add(input);
        });
        if (values.Count == 0)
            throw unreadable[0];
        return tensor(values.SelectMany(v => v).ToArray(), [values.Count, 3, preprocessing.Height, preprocessing.Width]);
    }

    private static string Text(ReceptiveField could, EffectiveField does, Preprocessing size, bool noise, string picture)
    {
        string all = could.SeesAll ? "the whole image, through layers that look at the whole map; without them " : "";
        double share = does.Side * does.Side / (could.Horizontal.Size * (double)could.Vertical.Size);
        return string.Create(CultureInfo.InvariantCulture, $"""
            {could.Layer}, for images of {size.Width} × {size.Height}
            can see   {all}{could.Horizontal.Size} × {could.Vertical.Size} pixels; next cell {could.Horizontal.Stride} × {could.Vertical.Stride} further; middle of the first at {could.Horizontal.FirstCentre:0.#}, {could.Vertical.FirstCentre:0.#}
            looks at  deviation {does.DeviationX:0.0} × {does.DeviationY:0.0} pixels; {does.Side * does.Side:0} pixels above 4.55 % of the largest gradient, a square of {does.Side:0.0}, {share:0.000} of what it can see; over {does.Images} {(noise ? "images of noise" : "pictures")}
            {picture}

            """);
    }

    private static void Members(Utf8JsonWriter w, ReceptiveField could, EffectiveField does, bool noise, string picture)
    {
        w.WriteString("layer", could.Layer);
        w.WriteStartObject("theoretical");
        w.WriteNumbers("size", could.Horizontal.Size, could.Vertical.Size);
        w.WriteNumbers("stride", could.Horizontal.Stride, could.Vertical.Stride);
        w.WriteNumbers("firstCentre", could.Horizontal.FirstCentre, could.Vertical.FirstCentre);
        w.WriteBoolean("seesAll", could.SeesAll);
        w.WriteEndObject();
        w.WriteStartObject("effective");
        w.WriteNumbers("cell", does.CellX, does.CellY);
        w.WriteNumbers("deviation", does.DeviationX, does.DeviationY);
        w.WriteNumber("side", does.Side);
        w.WriteNumber("images", does.Images);
        w.WriteString("of", noise ? "noise" : "pictures");
        w.WriteEndObject();
        w.WriteString("picture", picture);
    }
}
