using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Sightline.Models;
using TorchSharp;
using TorchSharp.PyBridge;
using static TorchSharp.torch;
using Safetensors = Sightline.Models.Safetensors;

namespace Sightline.Tests;

public sealed class WeightFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sightline-weights-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_type_and_shape_comes_back_bit_for_bit()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        Tensor normal = randn([3, 4], generator: generator);
        var tensors = new Dictionary<string, Tensor>
        {
            ["bytes"] = tensor(new byte[] { 0, 255, 7 }),
            ["one"] = tensor(1.5f),
            ["empty"] = zeros(0, 5),
            ["f64"] = normal.to(float64) / 3,
            ["f32"] = normal,
            ["f16"] = normal.to(float16),
            ["bf16"] = normal.to(bfloat16),
            ["i64"] = tensor([long.MinValue, -1, long.MaxValue]),
            ["i32"] = tensor([int.MinValue, int.MaxValue]),
            ["i16"] = tensor(new short[] { short.MinValue, short.MaxValue }),
            ["i8"] = tensor(new sbyte[] { -128, 127 }),
            ["bool"] = tensor(new[] { true, false, true }),
            ["columns"] = normal.t(),
            ["with \"quotes\" and ünïcode"] = tensor(new[] { float.NaN, float.NegativeInfinity, -0f }),
        };
        var metadata = new Dictionary<string, string> { ["epoch"] = "3", ["note"] = "a \"b\" ü" };
        string path = Path.Combine(folder, "all.safetensors");
        Safetensors.Write(path, tensors, metadata);
        using StoredWeights read = Safetensors.Read(path);
        Assert.Equal(metadata, read.Metadata);
        Assert.Equal(metadata, Safetensors.ReadMetadata(path));
        Assert.Equal(tensors.Keys.Order(), read.Tensors.Keys.Order());
        foreach ((string name, Tensor tensor) in tensors)
        {
            Assert.Equal(tensor.dtype, read.Tensors[name].dtype);
            Assert.Equal(tensor.shape, read.Tensors[name].shape);
            if (tensor.numel() > 0)
                Assert.True(tensor.contiguous().bytes.SequenceEqual(read.Tensors[name].bytes), name);
        }

        // Equal content, equal bytes; nothing lies beside it.
        byte[] first = File.ReadAllBytes(path);
        Safetensors.Write(path, tensors, metadata);
        Assert.Equal(first, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public void PyBridge_reads_what_we_write_and_we_what_it_writes()
    {
        using Classifier network = Networks.Create("cifar_resnet8", 10, 1);
        string ours = Path.Combine(folder, "ours.safetensors"), theirs = Path.Combine(folder, "theirs.safetensors"), pth = Path.Combine(folder, "theirs.pth");
        WeightFile.Save(network, ours, new Dictionary<string, string> { ["a"] = "b" });
        using Classifier other = Networks.Create("cifar_resnet8", 10, 2);
        other.load_safetensors(ours);
        AssertSameState(network, other);
        network.save_safetensors(theirs);
        network.save_py(pth);
        foreach (string path in (string[])[theirs, pth])
        {
            using Classifier again = Networks.Create("cifar_resnet8", 10, 3);
            WeightLoadReport report = WeightFile.Load(again, path);
            AssertSameState(network, again);
            Assert.Equal(network.state_dict().Count, report.Loaded.Count);
            Assert.Equal(Path.GetExtension(path)[1..], report.Format);
        }
    }

    [Theory]
    [InlineData("zip.pth")]
    [InlineData("legacy.pth")]
    [InlineData("checkpoint.pth")]
    public void Files_of_PyTorch_are_read(string file)
    {
        using var scope = NewDisposeScope();
        using StoredWeights read = WeightFile.Read(GoldenTests.Golden(file));
        Tensor conv = FormulaWeights.Of("conv1.weight", [16, 3, 3, 3]), bias = FormulaWeights.Of("fc.bias", [10]);
        var expected = new Dictionary<string, Tensor>
        {
            ["conv1.weight"] = conv,
            ["bn1.weight"] = FormulaWeights.Of("bn1.weight", [16]),
            ["fc.bias"] = bias,
            ["bn1.num_batches_tracked"] = tensor(7L),
            ["half"] = bias.to(float16),
            ["brain"] = bias.to(bfloat16),
            ["columns"] = conv.flatten(1).t(),
            ["parameter"] = bias[2..5],
        };
        Assert.Equal(expected.Keys.Order(), read.Tensors.Keys.Order());
        foreach ((string name, Tensor tensor) in expected)
        {
            Assert.Equal(tensor.dtype, read.Tensors[name].dtype);
            Assert.True(tensor.shape.SequenceEqual(read.Tensors[name].shape), name);
            Assert.True(tensor.equal(read.Tensors[name]).all().item<bool>(), name);
        }
    }

    [Fact]
    public void Half_precision_is_widened()
    {
        using Classifier network = Networks.Create("cifar_resnet8", 10, 1);
        using Classifier other = Networks.Create("cifar_resnet8", 10, 2);
        using var scope = NewDisposeScope();
        string path = Path.Combine(folder, "half.safetensors");
        Safetensors.Write(path, network.state_dict().ToDictionary(t => t.Key, t => t.Value.is_floating_point() ? t.Value.to(bfloat16) : t.Value));
        WeightFile.Load(other, path);
        foreach ((string name, Tensor tensor) in network.state_dict())
        {
            Assert.Equal(tensor.dtype, other.state_dict()[name].dtype);
            Assert.True(tensor.to(bfloat16).to(tensor.dtype).equal(other.state_dict()[name]).all().item<bool>(), name);
        }
    }

    [Fact]
    public void A_file_of_another_network_is_refused_by_name_and_nothing_is_half_loaded()
    {
        using Classifier ten = Networks.Create("cifar_resnet8", 10, 1);
        using Classifier four = Networks.Create("cifar_resnet20", 4, 2);
        using Classifier before = Networks.Create("cifar_resnet20", 4, 2);
        string path = Path.Combine(folder, "ten.safetensors");
        WeightFile.Save(ten, path);

        var error = Assert.Throws<BadInputException>(() => WeightFile.Load(four, path));
        Assert.Equal("weights-mismatch", error.Code);
        Assert.Contains("missing (layer1.1.conv1.weight", error.Message);
        Assert.Contains("2 of another shape (fc.weight: [10, 64] float in the file, [4, 64] float in the network", error.Message);
        Assert.Contains(path, error.Message);
        AssertSameState(before, four);

        var allowMissing = new WeightLoadOptions { AllowMissing = true };
        Assert.Contains("fc.weight", Assert.Throws<BadInputException>(() => WeightFile.Load(four, path, allowMissing)).Message);
        AssertSameState(before, four);

        WeightLoadReport report = WeightFile.Load(four, path, allowMissing with { AllowMisshaped = true });
        Assert.Equal(["fc.weight", "fc.bias"], report.Misshaped.Select(m => m.Name));
        Assert.Contains("layer3.2.bn2.running_var", report.Missing);
        Assert.Empty(report.Unexpected);
        Assert.True(ten.state_dict()["conv1.weight"].equal(four.state_dict()["conv1.weight"]).all().item<bool>());
        Assert.True(before.state_dict()["fc.weight"].equal(four.state_dict()["fc.weight"]).all().item<bool>());

        string more = Path.Combine(folder, "more.safetensors");
        WeightFile.Save(four, more);
        using Classifier small = Networks.Create("cifar_resnet8", 4, 2);
        Assert.Contains("unexpected (layer1.1", Assert.Throws<BadInputException>(() => WeightFile.Load(small, more)).Message);
        Assert.NotEmpty(WeightFile.Load(small, more, new() { AllowUnexpected = true }).Unexpected);
    }

    [Fact]
    public void Missing_BatchNorm_counters_of_old_files_are_zero()
    {
        using Classifier network = Networks.Create("cifar_resnet8", 10, 1);
        using Classifier other = Networks.Create("cifar_resnet8", 10, 2);
        string path = Path.Combine(folder, "old.safetensors");
        Safetensors.Write(path, network.state_dict().Where(t => !t.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal)));
        using (var scope = NewDisposeScope())
            other.call(FormulaWeights.Images(2, 3, 32, 32));
        Assert.Empty(WeightFile.Load(other, path).Missing);
        AssertSameState(network, other);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    public void A_file_too_short_is_refused(string content) => AssertDamaged(Encoding.ASCII.GetBytes(content));

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", 8)]                                   // JSON cut off
    [InlineData("""[1,2]""", 0)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4)]                                   // data cut off
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 12)]                                  // more data than told
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12)]                                 // a gap
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0)]               // overflows to 0
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":3,"shape":[2],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12)]  // overlap
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}}""", 8)]
    [InlineData("""{"__metadata__":{"a":1}}""", 0)]
    [InlineData("""{"__metadata__":[]}""", 0)]
    [InlineData("""{"a":[1]}""", 0)]
    public void A_header_that_lies_is_refused(string json, int data)
    {
        byte[] header = Encoding.UTF8.GetBytes(json), file = new byte[8 + header.Length + data];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, 8);
        AssertDamaged(file);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 40)]
    [InlineData(100UL)]
    public void A_header_length_that_lies_is_refused(ulong length)
    {
        byte[] file = new byte[50];
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        AssertDamaged(file);
    }

    [Theory]
    [InlineData("safetensors")]
    [InlineData("zip.pth")]
    [InlineData("legacy.pth")]
    public void A_file_changed_anywhere_is_read_or_refused_but_never_breaks(string kind)
    {
        byte[] whole;
        if (kind == "safetensors")
        {
            using Tensor values = FormulaWeights.Of("fc.bias", [10]);
            using var stream = new MemoryStream();
            Safetensors.Write(stream, new Dictionary<string, Tensor> { ["fc.bias"] = values, ["b"] = values }, new Dictionary<string, string> { ["k"] = "v" });
            whole = stream.ToArray();
        }
        else
        {
            whole = File.ReadAllBytes(GoldenTests.Golden(kind));
        }
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[0, whole.Length], Gen.Bool).Sample(
            (at, value, length, cut) =>
            {
                byte[] changed = cut ? whole[..length] : [.. whole[..at], value, .. whole[(at + 1)..]];
                string path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
                File.WriteAllBytes(path, changed);
                try
                {
                    WeightFile.Read(path).Dispose();
                }
                catch (BadInputException error)
                {
                    Assert.StartsWith("weights-", error.Code);
                }
                File.Delete(path);
            },
            iter: 600, threads: 1);
    }

    [Fact]
    public void A_missing_file_and_a_folder_say_so()
    {
        Assert.Equal("weights-missing", Assert.Throws<BadInputException>(() => WeightFile.Read(Path.Combine(folder, "none"))).Code);
        Assert.Contains("folder", Assert.Throws<BadInputException>(() => WeightFile.Read(folder)).Message);
    }

    private void AssertDamaged(byte[] content)
    {
        string path = Path.Combine(folder, "damaged.safetensors");
        File.WriteAllBytes(path, content);
        var error = Assert.Throws<BadInputException>(() => WeightFile.Read(path));
        Assert.Equal("weights-damaged", error.Code);
        Assert.StartsWith(path, error.Message);
    }

    private static void AssertSameState(nn.Module expected, nn.Module actual)
    {
        Dictionary<string, Tensor> a = expected.state_dict(), b = actual.state_dict();
        foreach (string name in a.Keys)
            Assert.True(a[name].equal(b[name]).all().item<bool>(), name);
    }
}
