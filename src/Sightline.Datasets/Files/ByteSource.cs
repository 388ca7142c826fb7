using Microsoft.Win32.SafeHandles;

namespace Sightline.Datasets.Files;

/// <summary>Bytes that any thread can read at any place.</summary>
internal abstract class ByteSource
{
    /// <summary>How many there are.</summary>
    public abstract long Length { get; }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/>.</summary>
    /// <param name="offset">Where to start.</param>
    /// <param name="destination">What to fill.</param>
    /// <exception cref="EndOfStreamException">The bytes end before.</exception>
    public abstract void Read(long offset, Span<byte> destination);

    /// <summary>A copy of a range.</summary>
    /// <param name="offset">Where to start.</param>
    /// <param name="count">How many.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="EndOfStreamException">The bytes end before.</exception>
    public byte[] Read(long offset, int count)
    {
        if (offset < 0 || count < 0 || offset > Length - count)
            throw new EndOfStreamException();
        byte[] bytes = new byte[count];
        Read(offset, bytes);
        return bytes;
    }
}

/// <summary>The bytes of a file on disk, read in place.</summary>
/// <param name="path">The file.</param>
internal sealed class FileBytes(string path) : ByteSource
{
    private readonly SafeFileHandle handle = File.OpenHandle(path, options: FileOptions.RandomAccess);

    /// <inheritdoc/>
    public override long Length => RandomAccess.GetLength(handle);

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int read = RandomAccess.Read(handle, destination, offset);
            if (read == 0)
                throw new EndOfStreamException();
            destination = destination[read..];
            offset += read;
        }
    }
}

/// <summary>Bytes in memory, in blocks, so that their number need not be known beforehand.</summary>
internal sealed class MemoryBytes : ByteSource
{
    private const int BlockBytes = 1 << 22;
    private readonly List<byte[]> blocks = [];
    private long length;

    /// <inheritdoc/>
    public override long Length => length;

    /// <summary>Adds bytes at the end; not while others read.</summary>
    /// <param name="bytes">What to add.</param>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int used = (int)(length % BlockBytes);
            if (used == 0)
                blocks.Add(new byte[BlockBytes]);
            int count = Math.Min(bytes.Length, BlockBytes - used);
            bytes[..count].CopyTo(blocks[^1].AsSpan(used));
            bytes = bytes[count..];
            length += count;
        }
    }

    /// <summary>Writes all of it.</summary>
    /// <param name="target">Where to.</param>
    public void CopyTo(Stream target)
    {
        long left = length;
        foreach (byte[] block in blocks)
        {
            int count = (int)Math.Min(left, BlockBytes);
            target.Write(block, 0, count);
            left -= count;
        }
    }

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > length - destination.Length)
            throw new EndOfStreamException();
        while (destination.Length > 0)
        {
            int inside = (int)(offset % BlockBytes);
            int count = Math.Min(destination.Length, BlockBytes - inside);
            blocks[(int)(offset / BlockBytes)].AsSpan(inside, count).CopyTo(destination);
            destination = destination[count..];
            offset += count;
        }
    }
}

/// <summary>A <see cref="ByteSource"/> as a stream, for readers that want one.</summary>
/// <param name="source">The bytes.</param>
internal sealed class ByteSourceStream(ByteSource source) : Stream
{
    private readonly long length = source.Length;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override long Position { get; set; }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int count = (int)Math.Max(0, Math.Min(buffer.Length, length - Position));
        source.Read(Position, buffer[..count]);
        Position += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => length + offset,
    };

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
