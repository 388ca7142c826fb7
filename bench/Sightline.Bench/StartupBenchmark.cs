using System.Globalization;

namespace Sightline.Bench;

/// <summary>
/// How long verbs without torch take as a whole process, as somebody at a terminal waits for them, beside the floor: <c>dotnet</c>
/// starting a program that does nothing is part of every one.
/// </summary>
internal static class StartupBenchmark
{
    private const int Rounds = 15;

    public static int Run()
    {
        string sightline = Path.Combine(Timings.Root, "sightline");
        string cli = Path.Combine(Timings.Root, "src", "Sightline.Cli", "bin", "Release", "net10.0", "sightline.dll");
        string data = MakeData();
        var verbs = new (string Name, string File, string[] Arguments)[]
        {
            ("--version (floor)", "dotnet", [cli, "--version"]),
            ("ask", sightline, ["ask"]),
            ("ask 11", sightline, ["ask", "11"]),
            ("ask 11 --json", sightline, ["ask", "11", "--json"]),
            ("models list", sightline, ["models", "list"]),
            ("models show resnet18", sightline, ["models", "show", "resnet18"]),
            ("diagnose (40 epochs)", sightline, ["diagnose", MakeLog(data, 40)]),
            ("diagnose (10,000 rows)", sightline, ["diagnose", MakeLog(data, 10_000)]),
            ("data info (60 images)", sightline, ["data", "info", data]),
            ("--help", sightline, ["--help"]),
        };
        Timings.Run(sightline, "--version"); // builds when needed
        var seconds = verbs.Select(_ => new List<double>()).ToArray();
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < verbs.Length; i++)
                seconds[i].Add(Timings.Run(verbs[i].File, verbs[i].Arguments).Seconds);
        }
        Directory.Delete(data, recursive: true);
        bool below = true;
        for (int i = 0; i < verbs.Length; i++)
        {
            double median = Timings.Median(seconds[i]);
            below &= median < 0.3;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{verbs[i].Name,-24} median {1000 * median:0} ms, least {1000 * seconds[i].Min():0} ms, most {1000 * seconds[i].Max():0} ms"));
        }
        Timings.Save("startup", "dotnet run -c Release --project bench/Sightline.Bench -- startup", json =>
        {
            json.WriteNumber("rounds", Rounds);
            json.WriteStartObject("medianMs");
            for (int i = 0; i < verbs.Length; i++)
                json.WriteNumber(verbs[i].Name, Math.Round(1000 * Timings.Median(seconds[i]), 1));
            json.WriteEndObject();
        });
        return below ? 0 : 1;
    }

    // Losses that fall to a floor, without noise: healthy, so that nothing beyond the verdict is drawn.
    private static string MakeLog(string folder, int epochs)
    {
        string path = Path.Combine(folder, $"log-{epochs}.csv");
        AtomicFile.WriteText(path, "epoch,train_loss,val_loss\n" + string.Concat(Enumerable.Range(1, epochs).Select(e =>
            string.Create(CultureInfo.InvariantCulture, $"{e},{0.3 + Math.Exp(-5.0 * e / epochs):0.#####},{0.35 + Math.Exp(-5.0 * e / epochs):0.#####}\n"))));
        return path;
    }

    private static string MakeData()
    {
        string root = Directory.CreateTempSubdirectory("sightline-bench-").FullName;
        for (int i = 0; i < 60; i++)
        {
            var image = new Imaging.RgbImage(32, 32);
            new Random(i).NextBytes(image.Pixels);
            AtomicFile.WriteBytes(Path.Combine(root, "train", i % 2 == 0 ? "a" : "b", $"{i:000}.png"), Imaging.ImageCodec.EncodePng(image));
        }
        return root;
    }
}
