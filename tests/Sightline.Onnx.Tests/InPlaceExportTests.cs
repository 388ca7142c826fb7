using Sightline.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Writes in place reach exactly what shares storage in torch. Every row is exact: only values move.</summary>
public sealed class InPlaceExportTests
{
    private static readonly TensorIndex all = TensorIndex.Colon;

    private static readonly Dictionary<string, Func<Tensor, Tensor>> rows = new()
    {
        ["the tensor itself, seen through an earlier alias"] = x => { Tensor y = x * 2, alias = y.detach(); y.add_(1); return alias; },
        ["through a select"] = x => { Tensor y = x * 2; y[all, 1].mul_(3); return y; },
        ["through a slice with a step"] = x => { Tensor y = x * 2; y[TensorIndex.Ellipsis, TensorIndex.Slice(1, -1, 2)].add_(1); return y; },
        ["a number into a slice"] = x => { Tensor y = x * 2; y[all, TensorIndex.Slice(0, 1)] = 7; return y; },
        ["a tensor into a slice"] = x => { Tensor y = torch.zeros(x.shape[0], 5, 6, 8); y[all, TensorIndex.Slice(1, 5)] = x; return y; },
        ["a broadcast tensor into a select"] = x => { Tensor y = x * 2; y[all, 2] = x[all, 0].mean([1], keepdim: true); return y; },
        ["through a view"] = x => { Tensor y = x * 2; y.view(x.shape[0], -1).add_(0.5); return y; },
        ["through a permuted view"] = x => { Tensor y = x * 2; y.permute(0, 2, 3, 1)[TensorIndex.Ellipsis, 1].zero_(); return y; },
        ["through a view of a view of a view"] = x => { Tensor y = x * 2; y.transpose(1, 2)[all, 3].select(1, 2).fill_(9); return y; },
        ["into the reshape of a contiguous tensor, which is a view"] = x => { Tensor y = x * 2; y.reshape(x.shape[0], -1).add_(1); return y; },
        ["into the reshape of a transposed tensor, which is a copy"] = x => { Tensor y = x * 2; y.transpose(1, 3).reshape(x.shape[0], -1).add_(1); return y; },
        ["into a contiguous copy"] = x => { Tensor y = x * 2; y.transpose(1, 3).contiguous().add_(1); return y; },
        ["contiguous of a contiguous tensor, which is itself"] = x => { Tensor y = x * 2; y.contiguous().add_(1); return y; },
        ["into a clone"] = x => { Tensor y = x * 2; y.clone().add_(1); return y; },
        ["a part of unbind, chunk, split"] = x =>
        {
            Tensor y = x * 2;
            y.unbind(1)[2].mul_(3);
            y.chunk(2, 3)[1].add_(1);
            y.split(new long[] { 1, 3 }, 1)[0].sub_(2);
            return y;
        },
        ["an older view sees a newer write"] = x => { Tensor y = x * 2, view = y[all, 0]; y.add_(1); Tensor read = view + 1; y.mul_(2); return read + view; },
        ["two views that overlap"] = x =>
        {
            Tensor y = x * 2, a = y[all, TensorIndex.Slice(0, 3)], b = y[all, TensorIndex.Slice(2, 4)];
            a.mul_(2);
            b.add_(1);
            return a.sum([1]) + b.sum([1]);
        },
        ["expanded view of a tensor written later"] = x =>
        {
            Tensor y = x.mean([1], keepdim: true), wide = y.expand(-1, 4, -1, -1);
            y.add_(1);
            return wide + 0;
        },
        ["the input itself"] = x => { x.relu_(); return x + 1; },
        ["masked and clamped in place"] = x => { Tensor y = x * 2; y.masked_fill_(x.lt(0), 5).clamp_(max: 4); return y; },
        ["zeroed, which libtorch traces as zeros into out"] = x => { Tensor y = x * 2; y[all, TensorIndex.Slice(1, 3)].zero_(); return y; },
        ["copied into"] = x => { Tensor y = torch.empty(x.shape[0], 4, 6, 8); y.copy_(x[all, TensorIndex.Slice(0, 1)]); return y; },
    };

    public static TheoryData<string> Names => [.. rows.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Reaches_what_shares_storage(string row)
    {
        using var module = new Pass(rows[row]);
        Assert.InRange(OnnxExporter.Export(module, new ExportOptions { SampleShape = [4, 6, 8] }).MaxAbsDifference, 0, 1e-6);
    }
}
