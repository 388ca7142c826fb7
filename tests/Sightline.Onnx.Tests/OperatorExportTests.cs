using Sightline.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Sightline.Tests;

/// <summary>
/// Each lowering against torch, at batch 1 and 5 (which weren't traced), over ordinary and nasty arguments. The exporter compares and
/// throws; a row that passes agrees to 1e-4 of the largest output.
/// </summary>
public sealed class OperatorExportTests
{
    private static readonly TensorIndex all = TensorIndex.Colon;

    private static readonly Dictionary<string, Func<Tensor, Tensor>> rows = new()
    {
        // arithmetic
        ["residual with alpha"] = x => x.relu() + (x * 0.5),
        ["add with alpha"] = x => x.add(x.abs(), 2.5),
        ["sub"] = x => x.sub(x.relu()) - 0.25,
        ["rsub, number first"] = x => 1 - x,
        ["div, number first"] = x => 2.0 / (x.abs() + 1),
        ["floor div"] = x => x.floor_divide(0.3),
        ["remainder"] = x => x.remainder(0.7),
        ["fmod"] = x => x.fmod(0.7),
        ["whole numbers"] = x => (((x * 10).to(int64) % 3) + ((x * 10).to(int64).floor_divide(4))).to(float32),
        ["pow"] = x => x.abs().pow(1.5) + x.pow(2),
        ["addcmul, addcdiv"] = x => x.addcmul(x, x, 0.5) + x.addcdiv(x, x.abs() + 1, 0.25),
        ["lerp"] = x => x.lerp(x.relu(), 0.3),
        ["maximum, minimum"] = x => x.maximum(x * 0.5).minimum(0.8 - x),
        ["elementary"] = x => x.exp() + x.abs().log1p() + x.sin() + x.cos() + x.erf() + x.expm1() + (x.abs() + 0.1).rsqrt() + (x.abs() + 0.1).sqrt(),
        ["rounding"] = x => x.floor() + x.ceil() + (x * 3).round() + x.sign() + x.neg(),
        ["integers promoted"] = x => x.to(int64) + x,
        // activations
        ["sigmoid family"] = x => x.sigmoid() + x.tanh() + F.silu(x) + F.mish(x) + F.logsigmoid(x) + F.softplus(x),
        ["hard family"] = x => F.hardswish(x) + F.hardsigmoid(x) + F.relu6(x * 5) + F.hardtanh(x, -0.5, 0.7),
        ["exponential family"] = x => F.elu(x, 0.7) + F.selu(x) + F.celu(x, 1.3) + F.leaky_relu(x, 0.2),
        ["gelu"] = x => F.gelu(x),
        ["softmax over each dimension"] = x => F.softmax(x, 1) + F.softmax(x, -1) + F.log_softmax(x, 2),
        ["glu"] = x => F.glu(x, 3),
        ["clamp"] = x => x.clamp(-0.3, 0.4) + x.clamp(min: 0.1) + x.clamp(max: -0.1) + x.clamp_min(0.2) + x.clamp_max(0.3),
        ["dropout does nothing"] = x => F.dropout(x, 0.5, training: false),
        ["activation in place"] = x => F.relu(x * 2, inplace: true),
        // comparisons
        ["where"] = x => torch.where(x > 0, x, x * 0.1),
        ["masks"] = x => x.masked_fill(x.lt(-0.5), 7) + (x.ge(0).logical_and(x.le(1)).logical_not()).to(float32) + x.eq(x).to(float32) + x.ne(0).to(float32),
        // local response normalisation, which torch makes of a square, a padded average over channels and a power
        ["local response norm, odd"] = x => F.local_response_norm(x, 3, alpha: 0.5, beta: 0.75, k: 2),
        ["local response norm, even"] = x => F.local_response_norm(x, 4, alpha: 2, beta: 0.5, k: 1),
        // reductions
        ["mean over space"] = x => x.mean([2, 3]),
        ["mean kept"] = x => x - x.mean([1], keepdim: true),
        ["sum over all but batch"] = x => x.sum([1, 2, 3]),
        ["sum over batch too"] = x => x + (x.sum() * 0) + (x.amax(0).sum() * 0),
        ["extremes"] = x => x.amax([2, 3]) + x.amin([2, 3]) + x.max(3).values.max(2).values,
        ["argmax"] = x => x.argmax(1).to(float32),
        ["argmax alone"] = x => x.flatten(1).argmax(1, keepdim: true),
        ["variance"] = x => x.var(1, unbiased: false, keepdim: true) + x.std(1, keepdim: true) + x.var(new long[] { 2, 3 }, unbiased: true, keepdim: true),
        ["norms"] = x => x.norm(1) + F.normalize(x, dim: 1).sum(1),
        ["logsumexp"] = x => x.logsumexp(1),
        ["cumsum"] = x => x.cumsum(2),
        ["topk"] = x => x.flatten(1).topk(5, 1).values,
        // shapes
        ["flatten"] = x => x.flatten(1),
        ["view with batch"] = x => x.view(x.shape[0], -1, 8),
        ["view without batch"] = x => x.view(-1, 4 * 6 * 8),
        ["batch folded into rows"] = x => x.reshape(x.shape[0] * 4, 48).softmax(1).reshape(x.shape[0], 4, 6, 8),
        ["permute, transpose"] = x => x.permute(0, 2, 3, 1).transpose(1, 3).movedim([1L], [2L]),
        ["squeeze, unsqueeze"] = x => x.unsqueeze(1).squeeze(1).unsqueeze(-1),
        ["expand, repeat"] = x => x.mean([2, 3], keepdim: true).expand(-1, -1, 6, 8) + x.select(1, 0).unsqueeze(1).repeat(1, 4, 1, 1),
        ["expand to the batch"] = x => torch.cat([torch.ones(1, 4, 6, 1).expand(x.shape[0], -1, -1, -1), x], 3),
        ["pixel shuffle"] = x => F.pixel_shuffle(x, 2),
        ["pixel unshuffle"] = x => F.pixel_unshuffle(x, 2),
        ["channel shuffle by hand"] = x => x.view(x.shape[0], 2, 2, 6, 8).transpose(1, 2).contiguous().view(x.shape[0], 4, 6, 8),
        // parts
        ["slices with steps and ends"] = x => x[TensorIndex.Ellipsis, TensorIndex.Slice(1, -1, 2)] + x[all, all, all, TensorIndex.Slice(null, 6, 2)],
        ["select from the end"] = x => x.select(2, -1) + x[all, all, 1],
        ["chunk, split"] = x => torch.cat([x.chunk(2, 1)[1], x.chunk(2, 1)[0], x.split(new long[] { 1, 3 }, 1)[1], x.split(4, 3)[0].repeat(1, 1, 1, 2)], 1),
        ["uneven chunk"] = x => x.chunk(4, 2)[^1],
        ["unbind, stack"] = x => { Tensor[] p = x.unbind(1); return torch.stack([p[2], p[0] * p[1], p[3]], 2); },
        ["narrow"] = x => x.narrow(3, 2, 4),
        ["flip, roll"] = x => x.flip(3) + x.roll(2, 2) + x.roll(-3, 3),
        ["index_select, index"] = x => x.index_select(1, torch.tensor(new long[] { 3, 0 })) + x[all, TensorIndex.Tensor(torch.tensor(new long[] { 1, 1 }))],
        ["writes by a mask"] = x => { Tensor y = x.clone(); y[TensorIndex.Tensor(x > 0.5)] = 3; return y; },
        ["scatter"] = x => torch.zeros_like(x).scatter(1, x.argmax(1, true), x) + torch.zeros_like(x).scatter_add(1, x.argmin(1, true), x),
        ["one hot"] = x => F.one_hot(x.argmax(1), 4).to(float32),
        ["gather"] = x => x.flatten(1).gather(1, x.flatten(1).argmax(1, true)),
        // joined, padded, made
        ["pad"] = x => F.pad(x, (1, 2, 0, 3), PaddingModes.Constant, 0.5),
        ["pad reflect, replicate"] = x => F.pad(x, (1, 2, 1, 1), PaddingModes.Reflect) + F.pad(x, (1, 2, 1, 1), PaddingModes.Replicate),
        ["zeros like the batch"] = x => torch.zeros(x.shape[0], 4, 6, 8) + torch.ones_like(x) + torch.full_like(x, 0.5) + x,
        ["arange"] = x => x + torch.arange(8, dtype: float32) + torch.arange(0, 12, 2).unsqueeze(1),
        ["triangle"] = x => x.tril(1) + x.triu(),
        ["constant tensors"] = x => x * torch.tensor(new float[] { 1, 2, 3, 4 }).view(4, 1, 1),
        // pooling
        ["pooling"] = x => F.max_pool2d(x, 2) + F.avg_pool2d(x, 2) + F.max_pool2d(x, 3, stride: 2, padding: 1),
        ["pooling with ceil"] = x => F.max_pool2d(x, 3, stride: 2, ceil_mode: true),
        ["average without padding"] = x => F.avg_pool2d(x, 3, stride: 1, padding: 1, count_include_pad: false),
        ["adaptive pooling"] = x => F.adaptive_avg_pool2d(x, 1) + F.adaptive_avg_pool2d(x, (3, 4)).sum() * 0 + F.adaptive_max_pool2d(x, [1L, 1L]),
        ["adaptive pooling over windows that overlap, or repeat"] = x => F.adaptive_avg_pool2d(x, (4, 5)) + F.adaptive_avg_pool2d(x, (8, 10)).mean([2, 3], keepdim: true)
            + F.adaptive_avg_pool1d(x.flatten(2), 7).mean([2], keepdim: true).unsqueeze(3) + F.adaptive_avg_pool2d(x, (6, 8)).mean([2, 3], keepdim: true),
        ["resize"] = x => F.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Bilinear, align_corners: false)
            + F.interpolate(x, size: [12, 16], mode: InterpolationMode.Nearest) + F.interpolate(x, size: [12, 16], mode: InterpolationMode.Bicubic),
        ["resize smaller, by corners"] = x => F.interpolate(x, size: [5, 7], mode: InterpolationMode.Bilinear, align_corners: true)
            + F.interpolate(x, size: [5, 7], mode: InterpolationMode.Nearest),
        // products
        ["matrix products"] = x => x.matmul(x.transpose(2, 3)),
        ["einsum"] = x => torch.einsum("nchw,nchv->nhwv", x, x),
        ["attention"] = x => F.scaled_dot_product_attention(x, x * 2, x + 1),
        ["causal attention"] = x => F.scaled_dot_product_attention(x, x * 2, x + 1, is_casual: true),
        ["attention with a mask"] = x => F.scaled_dot_product_attention(x, x * 2, x + 1, attn_mask: torch.ones(6, 6, dtype: ScalarType.Bool).tril()),
        ["attention by hand"] = x => (x.matmul(x.transpose(-2, -1)) / Math.Sqrt(8)).softmax(-1).matmul(x),
    };

    public static TheoryData<string> Names => [.. rows.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Agrees_with_torch(string row)
    {
        using var module = new Pass(rows[row]);
        OnnxExporter.Export(module, new ExportOptions { SampleShape = [4, 6, 8] });
    }

    [Theory]
    [InlineData(18)]
    [InlineData(20)]
    [InlineData(21)]
    public void Newer_operator_sets_too(int opset)
    {
        foreach (string row in (string[])["mean kept", "variance", "norms", "extremes", "logsumexp", "pad", "glu", "chunk, split", "pooling", "slices with steps and ends"])
        {
            using var module = new Pass(rows[row]);
            OnnxExporter.Export(module, new ExportOptions { SampleShape = [4, 6, 8], Opset = opset });
        }
    }
}
