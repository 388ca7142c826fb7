namespace Sightline.Imaging;

/// <summary>One picture of a contact sheet.</summary>
/// <param name="Picture">The picture; it is scaled to fit, small ones by whole factors so that pixels stay sharp.</param>
/// <param name="Caption">One line below it; shortened when it doesn't fit.</param>
/// <param name="Frame">A frame around it, e.g. red for mistakes; null draws none.</param>
public sealed record SheetTile(RgbImage Picture, string Caption, Rgb? Frame = null);

/// <summary>How a contact sheet looks.</summary>
public sealed record ContactSheetOptions
{
    /// <summary>Room for a picture's width in pixels.</summary>
    public int TileWidth { get; init; } = 128;

    /// <summary>Room for a picture's height in pixels.</summary>
    public int TileHeight { get; init; } = 128;

    /// <summary>How many pictures stand side by side; 0 makes the sheet about 4:3.</summary>
    public int Columns { get; init; }

    /// <summary>A line above all; null or empty for none.</summary>
    public string? Title { get; init; }

    /// <summary>Size of the captions' font in pixels.</summary>
    public double FontSize { get; init; } = 12;
}

/// <summary>Many small pictures with captions on one sheet: the quickest look at a data set, or at a network's mistakes.</summary>
public static class ContactSheet
{
    private const int Gap = 8;

    /// <summary>Draws a sheet.</summary>
    /// <param name="tiles">The pictures in reading order; at least one.</param>
    /// <param name="options">How it looks.</param>
    /// <returns>The sheet.</returns>
    /// <exception cref="ArgumentException">There is no picture.</exception>
    public static RgbImage Draw(IReadOnlyList<SheetTile> tiles, ContactSheetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        options ??= new ContactSheetOptions();
        if (tiles.Count == 0)
            throw new ArgumentException("A contact sheet needs at least one picture.", nameof(tiles));
        int caption = (int)Math.Ceiling(Drawing.MeasureText("Äg", options.FontSize).Height) + 2;
        int cellWidth = options.TileWidth + Gap;
        int cellHeight = options.TileHeight + caption + Gap;
        int columns = options.Columns > 0 ? options.Columns : Math.Clamp((int)Math.Ceiling(Math.Sqrt(tiles.Count * 4.0 / 3 * cellHeight / cellWidth)), 1, tiles.Count);
        int rows = (tiles.Count + columns - 1) / columns;
        double titleSize = options.FontSize * 1.4;
        int titleHeight = string.IsNullOrEmpty(options.Title) ? 0 : (int)Math.Ceiling(Drawing.MeasureText(options.Title, titleSize).Height) + Gap;

        using var sheet = new Drawing(Gap + columns * cellWidth, Gap + titleHeight + rows * cellHeight, Rgb.White);
        if (titleHeight > 0)
            sheet.Text(Gap, Gap, Drawing.FitText(options.Title!, titleSize, sheet.Width - 2 * Gap), titleSize, Rgb.Black);
        for (int i = 0; i < tiles.Count; i++)
        {
            SheetTile tile = tiles[i];
            int x = Gap + i % columns * cellWidth;
            int y = Gap + titleHeight + i / columns * cellHeight;
            RgbImage picture = Fit(tile.Picture, options.TileWidth, options.TileHeight);
            int px = x + (options.TileWidth - picture.Width) / 2;
            int py = y + (options.TileHeight - picture.Height) / 2;
            sheet.Image(px, py, picture);
            if (tile.Frame is Rgb frame)
                sheet.Rectangle(new CropBox(px - 1.5, py - 1.5, picture.Width + 3, picture.Height + 3), frame, 3);
            string text = Drawing.FitText(tile.Caption, options.FontSize, options.TileWidth);
            double width = Drawing.MeasureText(text, options.FontSize).Width;
            sheet.Text(x + (options.TileWidth - width) / 2, y + options.TileHeight + 2, text, options.FontSize, new Rgb(40, 40, 40));
        }
        return sheet.ToImage();
    }

    private static RgbImage Fit(RgbImage picture, int width, int height)
    {
        int whole = Math.Min(width / picture.Width, height / picture.Height);
        if (whole >= 1)
            return Resize.To(picture, picture.Width * whole, picture.Height * whole, Interpolation.Nearest);
        LetterboxPlacement placement = LetterboxPlacement.Of(picture.Width, picture.Height, width, height);
        return Resize.To(picture, placement.Width, placement.Height);
    }
}
