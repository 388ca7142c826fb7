using Sightline.Datasets;
using Sightline.Imaging;

namespace Sightline.Cli.Verbs;

/// <summary>Draws a contact sheet of a data set: a few images of every class, taken evenly from all there are.</summary>
internal static class DataSheet
{
    private const int MostTiles = 96, MostPerClass = 8;

    /// <summary>Draws and writes it.</summary>
    /// <param name="set">The set; every image can be decoded.</param>
    /// <param name="file">The file to create or replace; <c>.jpg</c> makes a JPEG, anything else a PNG.</param>
    /// <exception cref="BadInputException">The set has no image to draw.</exception>
    public static void Write(ImageSet set, string file)
    {
        if (set.Samples.Count == 0)
            throw new BadInputException("data-empty", "There is no image to draw.", set.Root, fix: "See the problems without --sheet.");
        int perClass = Math.Clamp(MostTiles / Math.Max(1, set.Classes.Count), 1, MostPerClass);
        var tiles = new List<SheetTile>();
        foreach (IGrouping<int, ImageSample> group in set.Samples.GroupBy(s => s.Label).OrderBy(g => g.Key))
        {
            ImageSample[] all = [.. group];
            for (int i = 0; i < Math.Min(perClass, all.Length); i++)
            {
                ImageSample sample = all[(int)((long)i * all.Length / Math.Min(perClass, all.Length))];
                tiles.Add(new SheetTile(sample.Content.Decode(), sample.Split.Length == 0 ? set.Classes[sample.Label] : $"{set.Classes[sample.Label]} · {sample.Split}"));
            }
        }
        RgbImage sheet = ContactSheet.Draw(tiles, new ContactSheetOptions { Title = $"{set.Root}: {set.Samples.Count} images in {set.Classes.Count} classes", Columns = perClass > 1 ? perClass : 0 });
        bool jpeg = Path.GetExtension(file).ToLowerInvariant() is ".jpg" or ".jpeg";
        AtomicFile.WriteBytes(file, jpeg ? ImageCodec.EncodeJpeg(sheet) : ImageCodec.EncodePng(sheet));
    }
}
