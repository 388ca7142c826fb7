// Vaswani et al.: "Attention Is All You Need", NIPS 2017, in the form of Dosovitskiy et al.: "An Image is Worth 16x16 Words", ICLR 2021
// (arXiv 2010.11929), figure 1: norms before, residuals around.
//
//   x → norm → attention → + x → norm → linear, GELU, linear → + x

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>Multi-head self-attention: softmax(q·kᵀ / √d)·v, in several heads side by side. Parameter names are timm's.</summary>
public sealed class SelfAttention : Module<Tensor, Tensor>
{
    private readonly long heads;
    private readonly Linear qkv, proj;

    /// <summary>Creates the layer.</summary>
    /// <param name="channels">Channels of a token.</param>
    /// <param name="heads">How many heads share them.</param>
    public SelfAttention(long channels, long heads)
        : base(nameof(SelfAttention))
    {
        this.heads = heads;
        qkv = Linear(channels, 3 * channels);
        proj = Linear(channels, channels);
        RegisterComponents();
    }

    /// <summary>Every token takes from all others what its query finds.</summary>
    /// <param name="x">Tokens, <c>[N, T, C] float32</c>.</param>
    /// <returns>The same shape.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        long tokens = x.shape[1], channels = x.shape[2], d = channels / heads;
        Tensor parts = qkv.call(x).reshape(-1, tokens, 3, heads, d).permute(2, 0, 3, 1, 4); // [3, N, heads, T, d]
        Tensor q = parts.select(0, 0), k = parts.select(0, 1), v = parts.select(0, 2);
        Tensor attention = functional.softmax(q.matmul(k.transpose(-2, -1)) * (1 / Math.Sqrt(d)), -1);
        return proj.call(attention.matmul(v).transpose(1, 2).reshape(-1, tokens, channels)).MoveToOuterDisposeScope();
    }
}

/// <summary>One layer of a vision transformer. Parameter names are timm's.</summary>
public sealed class TransformerBlock : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> norm1, norm2;
    private readonly SelfAttention attn;
    private readonly FeedForward mlp;
    private readonly StochasticDepth? drop_path;

    /// <summary>Creates the layer.</summary>
    /// <param name="channels">Channels of a token.</param>
    /// <param name="heads">Heads of the attention.</param>
    /// <param name="norm">Makes a normalisation for so many channels.</param>
    /// <param name="dropPath">The probability of dropping each of its branches for an image in training, in [0, 1).</param>
    public TransformerBlock(long channels, long heads, Func<long, Module<Tensor, Tensor>> norm, double dropPath = 0)
        : base(nameof(TransformerBlock))
    {
        ArgumentNullException.ThrowIfNull(norm);
        norm1 = norm(channels);
        attn = new SelfAttention(channels, heads);
        norm2 = norm(channels);
        mlp = new FeedForward(channels, 4 * channels);
        drop_path = dropPath > 0 ? new StochasticDepth(dropPath) : null;
        RegisterComponents();
    }

    /// <summary>Adds attention, then what the two linear layers make of each token.</summary>
    /// <param name="x">Tokens, <c>[N, T, C] float32</c>.</param>
    /// <returns>The same shape.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        x = x + Dropped(attn.call(norm1.call(x)));
        return (x + Dropped(mlp.call(norm2.call(x)))).MoveToOuterDisposeScope();
    }

    private Tensor Dropped(Tensor branch) => drop_path is null ? branch : drop_path.call(branch);

    private sealed class FeedForward : Module<Tensor, Tensor>
    {
        private readonly Linear fc1, fc2;

        public FeedForward(long channels, long hidden)
            : base("mlp")
        {
            fc1 = Linear(channels, hidden);
            fc2 = Linear(hidden, channels);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            return fc2.call(functional.gelu(fc1.call(x))).MoveToOuterDisposeScope();
        }
    }
}
