using System.Text;
using CsCheck;
using Sightline.Diagnosis;

namespace Sightline.Tests;

public sealed class EventFileTests : IDisposable
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"sightline-events-{Guid.NewGuid():N}");

    private string FilePath => Path.Combine(folder, EventFileWriter.FileName);

    public void Dispose()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>RFC 3720, appendix B.4.</summary>
    [Fact]
    public void Checksums_are_those_of_the_RFC()
    {
        byte[] rising = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        Assert.Equal(0x8a9136aau, Crc32C.Of(new byte[32]));
        Assert.Equal(0x62a8ab43u, Crc32C.Of([.. Enumerable.Repeat((byte)0xff, 32)]));
        Assert.Equal(0x46dd794eu, Crc32C.Of(rising));
        Assert.Equal(0x113fdb5cu, Crc32C.Of([.. rising.Reverse()]));
        Assert.Equal(0xe3069283u, Crc32C.Of("123456789"u8)); // the check value of every CRC-32C
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(1700000000.5);
    }

    /// <summary>The bytes by hand from the format's description: protobuf fields and TFRecord framing.</summary>
    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        using (EventFileWriter writer = EventFileWriter.Open(folder, clock: new FixedClock()))
            writer.Scalar("loss", 300, 0.25);
        byte[] time = BitConverter.GetBytes(1700000000.5);
        byte[] version = [0x09, .. time, 0x1a, 13, .. Encoding.ASCII.GetBytes("brain.Event:2")];
        byte[] scalar = [0x09, .. time, 0x10, 0xac, 0x02, 0x2a, 13, 0x0a, 11, 0x0a, 4, .. "loss"u8, 0x15, 0, 0, 0x80, 0x3e];
        using var expected = new MemoryStream();
        foreach (byte[] record in new[] { version, scalar })
        {
            byte[] length = BitConverter.GetBytes((ulong)record.Length);
            expected.Write(length);
            expected.Write(BitConverter.GetBytes(Mask(Crc32C.Of(length))));
            expected.Write(record);
            expected.Write(BitConverter.GetBytes(Mask(Crc32C.Of(record))));
        }
        Assert.Equal(expected.ToArray(), File.ReadAllBytes(FilePath));

        static uint Mask(uint crc) => unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8u);
    }

    [Fact]
    public void What_is_written_is_read() =>
        Gen.Select(Gen.String[1, 20], Gen.Long[1, long.MaxValue], Gen.Float).List[0, 30].Sample(events =>
        {
            var valid = events.Where(e => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(e.Item1)) == e.Item1).ToList();
            using (EventFileWriter writer = EventFileWriter.Open(folder))
            {
                foreach ((string tag, long step, float value) in valid)
                    writer.Scalar(tag, step, value);
            }
            Assert.Equal(valid.Where(e => !float.IsNaN(e.Item3)).Select(e => (e.Item1, e.Item2, e.Item3)), EventFile.ReadScalars(FilePath).Select(s => (s.Tag, s.Step, s.Value)));
        }, iter: 50, threads: 1);

    [Fact]
    public void A_resumed_run_goes_on_after_the_last_checkpoint()
    {
        using (EventFileWriter writer = EventFileWriter.Open(folder))
        {
            for (int step = 1; step <= 10; step++)
                writer.Scalar("loss", step, step);
        }
        using (EventFileWriter writer = EventFileWriter.Open(folder, lastStep: 6))
            writer.Scalar("loss", 7, 70);
        Assert.Equal([1, 2, 3, 4, 5, 6, 70], EventFile.ReadScalars(FilePath).Select(s => s.Value));
        using (EventFileWriter.Open(folder, lastStep: 0))
        {
        }
        Assert.Empty(EventFile.ReadScalars(FilePath));
    }

    [Fact]
    public void A_file_cut_anywhere_is_taken_up_at_its_last_whole_event()
    {
        using (EventFileWriter writer = EventFileWriter.Open(folder))
        {
            for (int step = 1; step <= 3; step++)
                writer.Scalar("loss", step, step);
        }
        byte[] whole = File.ReadAllBytes(FilePath);
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            int kept = EventFile.ReadScalars(FilePath).Count;
            using (EventFileWriter writer = EventFileWriter.Open(folder, lastStep: 100))
                writer.Scalar("loss", 101, 9);
            float[] seen = [.. EventFile.ReadScalars(FilePath).Select(s => s.Value)];
            Assert.Equal([.. Enumerable.Range(1, kept).Select(i => (float)i), 9], seen);
        }
    }

    [Fact]
    public void A_flipped_bit_ends_the_reading_before_it()
    {
        using (EventFileWriter writer = EventFileWriter.Open(folder))
        {
            for (int step = 1; step <= 3; step++)
                writer.Scalar("loss", step, step);
        }
        byte[] bytes = File.ReadAllBytes(FilePath);
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= 4;
            File.WriteAllBytes(FilePath, damaged);
            float[] seen = [.. EventFile.ReadScalars(FilePath).Select(s => s.Value)];
            Assert.True(seen.Length < 3 && seen.SequenceEqual(new[] { 1f, 2f, 3f }[..seen.Length]), $"byte {i}: {string.Join(' ', seen)}");
        }
    }
}
