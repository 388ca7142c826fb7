using System.CommandLine;
using Sightline.Cli.Prediction;
using Sightline.Cli.Terminal;
using Sightline.Imaging;
using Sightline.Torch;
using Sightline.Training.Evaluation;

namespace Sightline.Cli.Explaining;

/// <summary>What the commands of <c>explain</c> share.</summary>
internal static class RunCommand
{
    /// <summary>The argument that names the network.</summary>
    /// <returns>The argument.</returns>
    public static Argument<string> Model() => new("model") { Description = "A run folder (its best checkpoint, else its last) or a checkpoint file." };

    /// <summary>The option for the folder of the pictures.</summary>
    /// <returns>The option.</returns>
    public static Option<string> Out() => new("--out") { Description = "The folder for the pictures.", DefaultValueFactory = _ => "explained" };

    /// <summary>The option for a layer.</summary>
    /// <param name="usual">What is taken by default.</param>
    /// <returns>The option.</returns>
    public static Option<string?> Layer(string usual) => new("--layer") { Description = $"A layer's path, e.g. layer2.0.conv1; by default {usual}." };

    /// <summary>Runs a command's work on a thread of its own, as all verbs do.</summary>
    /// <param name="command">The command.</param>
    /// <param name="work">Its work.</param>
    public static void Runs(this Command command, Func<ParseResult, CancellationToken, int> work) =>
        command.SetAction((parsed, cancellationToken) => Task.Run(() => work(parsed, cancellationToken), CancellationToken.None));

    /// <summary>Loads a network.</summary>
    /// <param name="path">A run or a checkpoint.</param>
    /// <returns>The model; dispose it.</returns>
    public static TrainedModel Load(string path)
    {
        Allocator.Configure();
        return TrainedModel.Load(path);
    }

    /// <summary>Makes sure that pictures can be written to a folder.</summary>
    /// <param name="folder">The folder; it need not be there yet.</param>
    /// <exception cref="BadInputException">It is a file (<c>usage</c>).</exception>
    public static void RequireFolder(string? folder)
    {
        if (File.Exists(folder))
            throw new BadInputException("usage", "This is a file; expected a folder for the pictures.", folder);
    }

    /// <summary>Writes a picture as PNG.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">Its name without ending; of a layer's path the points stay.</param>
    /// <param name="picture">The picture.</param>
    /// <returns>The file.</returns>
    public static string Write(string folder, string name, RgbImage picture)
    {
        string file = Path.Combine(folder, name + ".png");
        AtomicFile.WriteBytes(file, ImageCodec.EncodePng(picture));
        return file;
    }

    /// <summary>Decodes the pictures one after the other. What cannot be read is told at the end; the others are dealt with.</summary>
    /// <param name="files">The files.</param>
    /// <param name="work">Gets a file and its picture.</param>
    /// <returns>What could not be read.</returns>
    public static IReadOnlyList<BadInputException> ForEach(IReadOnlyList<string> files, Action<string, RgbImage> work)
    {
        var unreadable = new List<BadInputException>();
        foreach (string file in files)
        {
            RgbImage picture;
            try
            {
                picture = ImageCodec.Decode(File.ReadAllBytes(file), file);
            }
            catch (BadInputException exception)
            {
                unreadable.Add(exception);
                continue;
            }
            work(file, picture);
        }
        return unreadable;
    }

    /// <summary>All pictures that were named.</summary>
    /// <param name="paths">Files and folders.</param>
    /// <returns>The files.</returns>
    public static string[] Pictures(IEnumerable<string> paths) => [.. paths.SelectMany(PictureFiles.At)];
}
