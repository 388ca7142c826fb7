using System.Buffers.Binary;

namespace Sightline.Imaging;

/// <summary>The segments of a JPEG before its first scan.</summary>
internal static class JpegHeader
{
    /// <summary>Reads size, channels, bit depth and orientation.</summary>
    /// <param name="bytes">The whole file, starting with FF D8.</param>
    /// <returns>What the header says.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The file ends within the header.</exception>
    /// <exception cref="EndOfStreamException">A progressive file ends before its end mark.</exception>
    /// <exception cref="InvalidDataException">This is no JPEG header.</exception>
    public static ImageFacts Read(ReadOnlySpan<byte> bytes)
    {
        int orientation = 1;
        int at = 2;
        while (true)
        {
            while (Byte(bytes, at) != 0xFF)
                at++; // some cameras leave junk between segments
            while (Byte(bytes, at) == 0xFF)
                at++;
            byte marker = bytes[at++];
            if (marker is 0xD9 or 0xDA)
                throw new InvalidDataException("A JPEG whose image data starts before its frame header.");
            if (marker is 0x01 or (>= 0xD0 and <= 0xD8))
                continue;
            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes.Slice(at, 2));
            if (length < 2)
                throw new InvalidDataException($"A JPEG segment of length {length} does not exist.");
            if (marker == 0xE1 && length > 8 && bytes.Slice(at + 2, Math.Min(6, length - 2)).SequenceEqual("Exif\0\0"u8))
                orientation = Exif.Orientation(bytes.Slice(at + 8, length - 8));
            bool frame = marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
            if (frame)
            {
                ReadOnlySpan<byte> sof = bytes.Slice(at + 2, 6);
                // A progressive file that lost its last scans still decodes, only blurred; its end mark is missing then. (In scans FF is
                // followed by 0, and thumbnails with an end mark of their own lie before the frame header.)
                if ((marker is 0xC2 or 0xC6 or 0xCA or 0xCE) && bytes[at..].LastIndexOf([(byte)0xFF, (byte)0xD9]) < 0)
                    throw new EndOfStreamException();
                int height = BinaryPrimitives.ReadUInt16BigEndian(sof[1..]);
                int width = BinaryPrimitives.ReadUInt16BigEndian(sof[3..]);
                return ImageHeader.Turned(new ImageFacts(ImageFormat.Jpeg, width, height, sof[5], sof[0], 1, orientation));
            }
            at += length;
        }
    }

    private static byte Byte(ReadOnlySpan<byte> bytes, int at) => bytes.Slice(at, 1)[0];
}

/// <summary>The one EXIF tag that changes what is seen.</summary>
internal static class Exif
{
    /// <summary>The orientation, 1–8; 1 when there is none, or the block is damaged.</summary>
    /// <param name="block">The TIFF structure, with or without <c>Exif</c> in front.</param>
    public static int Orientation(ReadOnlySpan<byte> block)
    {
        if (block.StartsWith("Exif\0\0"u8))
            block = block[6..];
        if (block.Length < 14)
            return 1;
        bool little = block[0] == 'I';
        uint directory = Int(block[4..], little);
        if (directory > block.Length - 2)
            return 1;
        int entries = Short(block[(int)directory..], little);
        for (int i = 0; i < entries; i++)
        {
            long at = directory + 2 + 12L * i;
            if (at + 12 > block.Length)
                return 1;
            ReadOnlySpan<byte> entry = block.Slice((int)at, 12);
            if (Short(entry, little) == 0x0112)
                return Short(entry[8..], little) is >= 1 and <= 8 and int value ? value : 1;
        }
        return 1;
    }

    private static int Short(ReadOnlySpan<byte> b, bool little) => little ? BinaryPrimitives.ReadUInt16LittleEndian(b) : BinaryPrimitives.ReadUInt16BigEndian(b);

    private static uint Int(ReadOnlySpan<byte> b, bool little) => little ? BinaryPrimitives.ReadUInt32LittleEndian(b) : BinaryPrimitives.ReadUInt32BigEndian(b);
}
