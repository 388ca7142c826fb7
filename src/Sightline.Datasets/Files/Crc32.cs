namespace Sightline.Datasets.Files;

/// <summary>The checksum of zip and gzip (ISO 3309; reversed polynomial 0xEDB88320), four bytes at a time.</summary>
internal static class Crc32
{
    private static readonly uint[][] Tables = MakeTables();

    /// <summary>The checksum of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The checksum.</returns>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint[] t0 = Tables[0], t1 = Tables[1], t2 = Tables[2], t3 = Tables[3];
        uint crc = uint.MaxValue;
        for (; bytes.Length >= 4; bytes = bytes[4..])
        {
            crc ^= bytes[0] | ((uint)bytes[1] << 8) | ((uint)bytes[2] << 16) | ((uint)bytes[3] << 24);
            crc = t3[(byte)crc] ^ t2[(byte)(crc >> 8)] ^ t1[(byte)(crc >> 16)] ^ t0[crc >> 24];
        }
        foreach (byte b in bytes)
            crc = (crc >> 8) ^ t0[(byte)(crc ^ b)];
        return ~crc;
    }

    private static uint[][] MakeTables()
    {
        var tables = new uint[4][];
        for (int t = 0; t < 4; t++)
        {
            tables[t] = new uint[256];
            for (uint i = 0; i < 256; i++)
            {
                uint c = t == 0 ? i : tables[t - 1][i];
                for (int k = 0; k < 8; k++)
                    c = (c & 1) != 0 ? (c >> 1) ^ 0xEDB88320 : c >> 1;
                tables[t][i] = c;
            }
        }
        return tables;
    }
}
