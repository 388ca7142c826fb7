using System.IO.Compression;
using System.Text;
using Sightline.Models;
using TorchSharp;
using TorchSharp.PyBridge;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Weight files whose pickle wants more than to be data.</summary>
public sealed class HostilePickleTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sightline-pickle-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    public static TheoryData<string, string> Callers => new()
    {
        // GLOBAL, mark, argument, TUPLE, REDUCE, STOP: what pickle.dumps writes for an object whose __reduce__ returns (os.system, (…,)).
        { "posix.system", "cposix\nsystem\n(U\u0010touch \u0001MARKER\u0002    tR." },
        { "os.system", "cos\nsystem\n(U\u0010touch \u0001MARKER\u0002    tR." },
        { "builtins.eval", "cbuiltins\neval\n(U\u00011tR." },
        { "subprocess.Popen", "\u008c\nsubprocess\u008c\u0005Popen\u0093(U\u00011tR." },
        { "torchvision.models.resnet.ResNet", "ctorchvision.models.resnet\nResNet\n)\u0081." },
        { "torch._utils._rebuild_device_tensor_from_numpy", "ctorch._utils\n_rebuild_device_tensor_from_numpy\n)R." },
    };

    [Theory]
    [MemberData(nameof(Callers))]
    public void A_pickle_that_wants_to_call_something_is_refused_and_named(string named, string program)
    {
        byte[] pickle = [0x80, 2, .. Encoding.Latin1.GetBytes(program)];
        foreach (string path in (string[])[Zip(pickle), Bare(pickle)])
        {
            var error = Assert.Throws<BadInputException>(() => WeightFile.Read(path));
            Assert.Equal("weights-unsafe", error.Code);
            Assert.Contains(named, error.Message);
            Assert.StartsWith(path, error.Message);
        }
    }

    [Fact]
    public void An_instruction_that_makes_objects_is_refused() =>
        Assert.Equal("weights-unsafe", Assert.Throws<BadInputException>(() => WeightFile.Read(Zip([0x80, 2, .. "U\u0001aU\u0001b)\u0081."u8]))).Code);

    [Fact]
    public void A_pickle_of_something_else_says_that_no_weights_were_found() =>
        Assert.Contains("No weights found", Assert.Throws<BadInputException>(() => WeightFile.Read(Zip([0x80, 2, (byte)'K', 7, (byte)'.']))).Message);

    [Fact]
    public void Deep_nesting_and_endless_growth_end_in_an_error()
    {
        // A million nested tuples; a list doubled by appending it to itself.
        byte[] deep = [0x80, 2, .. Enumerable.Repeat((byte)')', 1), .. Enumerable.Repeat((byte)0x85, 1_000_000), (byte)'.'];
        Assert.Equal("weights-damaged", Assert.Throws<BadInputException>(() => WeightFile.Read(Zip(deep))).Code);
        byte[] endless = [0x80, 2, .. Enumerable.Repeat((byte)'N', 6_000_000), (byte)'.'];
        Assert.Equal("weights-damaged", Assert.Throws<BadInputException>(() => WeightFile.Read(Zip(endless))).Code);
    }

    [Fact]
    public void A_storage_that_unpacks_a_thousandfold_is_refused_before_it_is_unpacked()
    {
        string path = Path.Combine(folder, "bomb.pth");
        using (var layer = nn.Linear(1000, 1000))
        {
            using (no_grad())
                layer.weight.zero_();
            layer.save_py(path);  // PyBridge compresses
        }
        Assert.True(new FileInfo(path).Length < 100_000);
        Assert.Contains("many times larger than the file", Assert.Throws<BadInputException>(() => WeightFile.Read(path)).Message);
    }

    private string Zip(byte[] pickle)
    {
        string path = Path.Combine(folder, Guid.NewGuid().ToString("N") + ".pth");
        using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create);
        using Stream entry = archive.CreateEntry("archive/data.pkl").Open();
        entry.Write(pickle);
        return path;
    }

    private string Bare(byte[] pickle)
    {
        string path = Path.Combine(folder, Guid.NewGuid().ToString("N") + ".pth");
        File.WriteAllBytes(path, pickle);
        return path;
    }
}
