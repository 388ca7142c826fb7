using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Sightline.Datasets.Contents;
using Sightline.Datasets.Files;
using Sightline.Imaging;

namespace Sightline.Datasets.Formats;

/// <summary>An object of a Pascal VOC file.</summary>
/// <param name="Class">Its class.</param>
/// <param name="Box">Its box, continuous.</param>
/// <param name="Truncated">Whether it reaches out of the image.</param>
/// <param name="Difficult">Whether it is marked as hard to recognise.</param>
internal sealed record VocObject(string Class, CropBox Box, bool Truncated, bool Difficult);

/// <summary>A Pascal VOC annotation file (Everingham et al. 2010).</summary>
/// <param name="FileName">The image it speaks of.</param>
/// <param name="Width">The image's width, 0 when it is not given.</param>
/// <param name="Height">The image's height, 0 when it is not given.</param>
/// <param name="Objects">The objects.</param>
internal sealed record VocXml(string FileName, int Width, int Height, IReadOnlyList<VocObject> Objects)
{
    /// <summary>Reads a file. Its corners are 1-based and inclusive; boxes come out continuous.</summary>
    /// <param name="file">The file.</param>
    /// <returns>What it holds.</returns>
    /// <exception cref="BadInputException">It is no XML (<c>voc-syntax</c>), or an object lacks its class or corners (<c>voc-record</c>).</exception>
    public static VocXml Read(TreeFile file)
    {
        XElement root;
        try
        {
            using var stream = new MemoryStream(file.ReadBytes());
            using var reader = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            root = XDocument.Load(reader, LoadOptions.SetLineInfo).Root!;
        }
        catch (XmlException exception)
        {
            throw new BadInputException("voc-syntax", "The XML is damaged or cut off here.", file.Location, exception.LineNumber, "Export or copy the file again.", exception);
        }
        XElement? size = root.Element("size");
        return new VocXml(
            root.Element("filename")?.Value.Trim() ?? "", (int)(Number(size?.Element("width")) ?? 0), (int)(Number(size?.Element("height")) ?? 0),
            [.. root.Elements("object").Select(o => ReadObject(o, file))]);
    }

    private static VocObject ReadObject(XElement element, TreeFile file)
    {
        string name = element.Element("name")?.Value.Trim() is { Length: > 0 } given ? given : throw Missing(element, file, "name");
        XElement box = element.Element("bndbox") ?? throw Missing(element, file, "bndbox");
        double Corner(string corner) => Number(box.Element(corner)) ?? throw Missing(box, file, corner);
        double left = Corner("xmin"), top = Corner("ymin"), right = Corner("xmax"), bottom = Corner("ymax");
        // Inclusive corners: equal ones would be a single pixel, which annotation tools write for a click without a drag; it counts as empty.
        bool empty = right <= left || bottom <= top;
        return new VocObject(
            name, new CropBox(left - 1, top - 1, empty ? 0 : right - left + 1, empty ? 0 : bottom - top + 1),
            element.Element("truncated")?.Value.Trim() == "1", element.Element("difficult")?.Value.Trim() == "1");
    }

    private static double? Number(XElement? element) =>
        double.TryParse(element?.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;

    private static BadInputException Missing(XElement element, TreeFile file, string name) => new(
        "voc-record", $"<{element.Name}> has no usable <{name}>.", file.Location, ((IXmlLineInfo)element).LineNumber, "Correct or remove this object.");
}
