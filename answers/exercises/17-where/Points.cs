// Exercise 17: write the target, the loss and the reading of a heat map of objects' middles (Zhou et al. 2019, sections 3 and 4), for one
// image and one class, then: dotnet run
//
// A map of h × w cells lies over the image, each cell `stride` pixels wide and high. An output is [5, h, w]: the logit of a middle being
// in this cell; where in the cell it is, x then y, 0–1; width and height of the box in pixels. Boxes are left, top, right, bottom in pixels.

using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

public sealed class Points
{
    // heat [h, w]: around the cell of each middle exp(−d² / 2σ²), d in cells, σ = a sixth of the box's longer side in cells, at least 0.5;
    //              of two that overlap the higher.
    // numbers [4, h, w]: in the cell of each middle x and y in the cell, width, height; else 0.
    // middles [h, w]: 1 in the cells of middles, else 0.
    public (Tensor Heat, Tensor Numbers, Tensor Middles) Target(Tensor boxes, int stride, int h, int w)
    {
        throw new NotImplementedException("Write Points.Target.");
    }

    // Equation 1 over the heat map (with α = 2, β = 4), plus the absolute distance of x and y, plus a tenth of that of width and height,
    // these in the cells of middles only; all over the number of middles, or 1.
    public Tensor Loss(Tensor output, Tensor heat, Tensor numbers, Tensor middles)
    {
        throw new NotImplementedException("Write Points.Loss.");
    }

    // [found, 5]: left, top, right, bottom, probability of each cell whose probability is the highest of its 3 × 3 cells and at least
    // `threshold`, in any order.
    public Tensor Find(Tensor output, int stride, double threshold)
    {
        throw new NotImplementedException("Write Points.Find.");
    }
}
