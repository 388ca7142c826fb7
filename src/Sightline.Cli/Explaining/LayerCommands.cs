using System.CommandLine;
using Sightline.Cli.Prediction;
using Sightline.Cli.Terminal;
using Sightline.Imaging;
using Sightline.Training.Evaluation;
using Sightline.Training.Explanations;
using static TorchSharp.torch;

namespace Sightline.Cli.Explaining;

/// <summary><c>sightline explain filters</c> and <c>explain features</c>: a layer's weights, and what it makes of a picture, as tiles.</summary>
internal static class LayerCommands
{
    /// <summary>Builds <c>filters</c>.</summary>
    /// <returns>The command.</returns>
    public static Command Filters()
    {
        Argument<string> model = RunCommand.Model();
        Option<string?> layer = RunCommand.Layer("the first convolution that sees the image");
        Option<string> folder = RunCommand.Out();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("filters", "Draw a convolution's filters. Example: sightline explain filters runs/first") { model, layer, folder, json };
        command.Runs((parsed, _) =>
        {
            string to = parsed.GetValue(folder)!;
            RunCommand.RequireFolder(to);
            using TrainedModel trained = RunCommand.Load(parsed.GetValue(model)!);
            (string path, RgbImage sheet) = LayerPicture.Filters(trained.Network, parsed.GetValue(layer));
            Tell(parsed.GetValue(json), [(null, path, RunCommand.Write(to, $"filters-{path}", sheet))], []);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Builds <c>features</c>.</summary>
    /// <returns>The command.</returns>
    public static Command Features()
    {
        Argument<string> model = RunCommand.Model();
        var images = new Argument<string[]>("images") { Description = "Pictures, or folders of pictures.", Arity = ArgumentArity.OneOrMore };
        Option<string?> layer = RunCommand.Layer("the last with a spatial extent");
        var most = new Option<int>("--most") { Description = "How many maps to draw, the strongest first.", DefaultValueFactory = _ => 64 };
        Option<string> folder = RunCommand.Out();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("features", "Draw the maps that a layer gives for a picture. Example: sightline explain features runs/first photo.jpg --layer layer1") { model, images, layer, most, folder, json };
        command.Runs((parsed, cancellationToken) =>
        {
            (string to, int count) = (parsed.GetValue(folder)!, parsed.GetValue(most));
            RunCommand.RequireFolder(to);
            if (count < 1)
                throw new BadInputException("usage", $"--most is {count}; expected 1 or more.");
            string[] files = RunCommand.Pictures(parsed.GetValue(images)!);
            using TrainedModel trained = RunCommand.Load(parsed.GetValue(model)!);
            var drawn = new List<(string?, string, string)>();
            var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            IReadOnlyList<BadInputException> unreadable = RunCommand.ForEach(files, (file, picture) =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                using Tensor input = Explainer.Input(picture, trained.Preprocessing);
                (string path, RgbImage sheet) = LayerPicture.Features(trained.Network, input, trained.Preprocessing.Fit(picture), parsed.GetValue(layer), count);
                drawn.Add((file, path, RunCommand.Write(to, $"{PictureFiles.FreeName(file, taken)}-{path}", sheet)));
            });
            Tell(parsed.GetValue(json), drawn, unreadable);
            return PictureFiles.End(unreadable);
        });
        return command;
    }

    private static void Tell(bool json, IReadOnlyList<(string? File, string Layer, string Picture)> drawn, IReadOnlyList<BadInputException> unreadable)
    {
        if (!json)
        {
            Console.Out.Write(string.Concat(drawn.Select(d => $"{(d.File is null ? "" : d.File + "\t")}{d.Layer}  {d.Picture}\n")));
            return;
        }
        JsonOutput.WriteObject(w =>
        {
            w.WriteObjects("pictures", drawn, d =>
            {
                if (d.File is not null)
                    w.WriteString("path", d.File);
                w.WriteString("layer", d.Layer);
                w.WriteString("picture", d.Picture);
            });
            w.WriteUnreadable(unreadable);
        });
    }
}
