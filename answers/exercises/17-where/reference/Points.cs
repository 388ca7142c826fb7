using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

public sealed class Points
{
    public (Tensor Heat, Tensor Numbers, Tensor Middles) Target(Tensor boxes, int stride, int h, int w)
    {
        (Tensor heat, Tensor numbers, Tensor middles) = (zeros(h, w), zeros(4, h, w), zeros(h, w));
        for (long k = 0; k < boxes.shape[0]; k++)
        {
            float[] b = boxes[k].data<float>().ToArray();
            (float x, float y) = ((b[0] + b[2]) / 2 / stride, (b[1] + b[3]) / 2 / stride);
            (int column, int row) = ((int)x, (int)y);
            double sigma = Math.Max(0.5, Math.Max(b[2] - b[0], b[3] - b[1]) / stride / 6);
            Tensor dx = (arange(w, float32) - column).unsqueeze(0), dy = (arange(h, float32) - row).unsqueeze(1);
            heat = maximum(heat, (-(dx * dx + dy * dy) / (2 * sigma * sigma)).exp());
            numbers[.., row, column] = tensor(new[] { x - column, y - row, b[2] - b[0], b[3] - b[1] });
            middles[row, column] = 1;
        }
        return (heat, numbers, middles);
    }

    public Tensor Loss(Tensor output, Tensor heat, Tensor numbers, Tensor middles)
    {
        Tensor p = output[0].sigmoid().clamp(1e-6, 1 - 1e-6);
        Tensor right = middles * (1 - p).square() * p.log();
        Tensor wrong = (1 - middles) * (1 - heat).pow(4) * p.square() * (1 - p).log();
        Tensor distance = (output[1..] - numbers).abs() * middles;
        Tensor sum = -(right + wrong).sum() + distance[..2].sum() + 0.1 * distance[2..].sum();
        return sum / middles.sum().clamp_min(1);
    }

    public Tensor Find(Tensor output, int stride, double threshold)
    {
        Tensor p = output[..1].sigmoid();
        Tensor highest = functional.max_pool2d(p.unsqueeze(0), 3, stride: 1, padding: 1)[0];
        Tensor peaks = p.eq(highest).logical_and(p.ge(threshold))[0].nonzero();
        Tensor row = peaks[.., 0], column = peaks[.., 1];
        Tensor x = (column + output[1][row, column]) * stride, y = (row + output[2][row, column]) * stride;
        Tensor halfWidth = output[3][row, column] / 2, halfHeight = output[4][row, column] / 2;
        return stack([x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight, p[0][row, column]], 1);
    }
}
