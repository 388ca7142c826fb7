// The checks of exercise 17. Boxes, maps and losses are chosen so that each usual mistake shows in its own way.

using TorchSharp;
using static TorchSharp.torch;

Type type = Checklist.Class<Points>(args);
dynamic points = Activator.CreateInstance(type)!;
(Tensor Heat, Tensor Numbers, Tensor Middles) Target(Tensor boxes, int stride = 4, int h = 12, int w = 16) => points.Target(boxes, stride, h, w);
Tensor Box(params float[] edges) => tensor(edges, [edges.Length / 4, 4]);

return Checklist.Run(
    ("where the target's peak is", Peak),
    ("how the target falls off", Slope),
    ("two objects", Two),
    ("the numbers at a middle", Numbers),
    ("the loss of the heat map", Focal),
    ("the loss of the numbers", Distances),
    ("reading a map", Reading),
    ("there and back", Back));

string? Peak()
{
    // Middle (39, 14) pixels: column 9.75, row 3.5.
    (Tensor heat, _, Tensor middles) = Target(Box(27, 2, 51, 26));
    if (!heat.shape.SequenceEqual([12, 16]))
        return $"heat is [{string.Join(", ", heat.shape)}], expected [12, 16].";
    foreach ((Tensor map, string name) in ((Tensor, string)[])[(heat, "heat"), (middles, "middles")])
    {
        long at = map.argmax().item<long>();
        (long row, long column) = (at / 16, at % 16);
        if ((row, column) == (9, 3))
            return $"rows and columns are exchanged in {name}: the peak lies in row 9, column 3. The first index is the row, from y.";
        if (column == 10 || row == 4)
            return $"the peak of {name} lies in row {row}, column {column}: cells are rounded, and a middle at 9.75 lies in cell 9.";
        if ((row, column) != (3, 9))
            return $"the peak of {name} lies in row {row}, column {column}, expected 3 and 9: is the middle divided by the stride?";
        if (Math.Abs(map[3, 9].item<float>() - 1) > 1e-5)
            return $"{name} is {map[3, 9].item<float>():0.###} in the middle's cell, expected 1: distances are from the cell, not from the middle itself.";
    }
    return middles.sum().item<float>() == 1 ? null : "middles has to be 1 in one cell and 0 in all others.";
}

string? Slope()
{
    // 24 × 48 pixels: the longer side is 12 cells, σ = 2.
    float next = Target(Box(28, 0, 52, 48)).Heat[6, 12].item<float>(), wanted = (float)Math.Exp(-4.0 / 8);
    if (Near(next, wanted))
        return Near(Target(Box(28, 20, 32, 24)).Heat[5, 8].item<float>(), (float)Math.Exp(-1 / 0.5)) ? null : "σ has to be at least 0.5 cells: a small object's target has to have a slope too.";
    return Near(next, (float)Math.Exp(-4.0 / 4)) ? "the exponent is −d² / σ², expected −d² / 2σ²."
        : next == 0 || Near(next, 1) ? $"two cells from the middle heat is {next:0.###}, expected {wanted:0.###}: is σ in cells, a sixth of the longer side?"
        : $"two cells from the middle of a box of 6 × 12 cells heat is {next:0.###}, expected {wanted:0.###}, since σ is 2.";
}

string? Two()
{
    Tensor heat = Target(Box(8, 0, 32, 48, 16, 0, 40, 48)).Heat; // middles two cells apart, in columns 5 and 7
    float between = heat[6, 6].item<float>(), wanted = (float)Math.Exp(-1.0 / 8);
    return Near(between, wanted) ? null
        : Near(between, 2 * wanted) || heat.max().item<float>() > 1.01f ? "the bumps of two objects are added: where they overlap heat has to be the higher of the two, or the middle between would look like an object."
        : $"between two middles heat is {between:0.###}, expected {wanted:0.###}.";
}

string? Numbers()
{
    Tensor numbers = Target(Box(27, 2, 51, 24)).Numbers; // middle (39, 13): cell (9, 3), 0.75 and 0.25 in it
    float[] at = numbers[.., 3, 9].contiguous().data<float>().ToArray();
    if (at[0] == 0.25f && at[1] == 0.75f)
        return "x and y in the cell are exchanged.";
    if (!Near(at[0], 0.75f) || !Near(at[1], 0.25f))
        return $"in the cell the middle is at {at[0]:0.###}, {at[1]:0.###}, expected 0.75 and 0.25 of a cell.";
    if (!Near(at[2], 24) || !Near(at[3], 22))
        return $"width and height are {at[2]:0.###} and {at[3]:0.###}, expected 24 and 22 pixels.";
    return Near(numbers.abs().sum().item<float>(), 47) ? null : "numbers has to be 0 outside the middle's cell.";
}

string? Focal()
{
    (Tensor heat, Tensor numbers, Tensor middles) = Target(Box(28, 0, 52, 48));
    Tensor output = cat([zeros(1, 12, 16), numbers]);                    // every probability ½, the numbers right
    float half = 0.25f * MathF.Log(2), all = (middles.sum() + ((1 - middles) * (1 - heat).pow(4)).sum()).item<float>() * half;
    float loss = ((Tensor)points.Loss(output, heat, numbers, middles)).item<float>();
    if (Near(loss, all))
    {
        (Tensor h2, Tensor n2, Tensor m2) = Target(Box(4, 0, 12, 16, 44, 24, 52, 40));
        float two = ((Tensor)points.Loss(cat([zeros(1, 12, 16), n2]), h2, n2, m2)).item<float>(), sum = (m2.sum() + ((1 - m2) * (1 - h2).pow(4)).sum()).item<float>() * half;
        (Tensor h0, Tensor n0, Tensor m0) = (zeros(12, 16), zeros(4, 12, 16), zeros(12, 16));
        float none = ((Tensor)points.Loss(cat([zeros(1, 12, 16), n0]), h0, n0, m0)).item<float>();
        return !float.IsFinite(none) ? "an image without objects gives no number: divide by the number of middles, or by 1."
            : Near(two, sum / 2) ? null
            : Near(two, sum) ? "the loss is not divided by the number of objects: images with many would count more."
            : $"with two objects the loss is {two:0.###}, expected {sum / 2:0.###}.";
    }
    return Near(loss, 192 * half) ? "cells beside a middle count in full: the factor (1 − heat)⁴ is missing, which forgives a near miss."
        : Near(loss, all * 4) || Near(loss, 4 * 192 * half) ? "plain cross-entropy: the factors (1 − p)² and p² are missing, and the many easy cells would drown the few middles."
        : Near(loss, -all) ? "the sign: a loss is positive."
        : $"with every probability ½ the heat map's loss is {loss:0.####}, expected {all:0.####}.";
}

string? Distances()
{
    (Tensor heat, Tensor numbers, Tensor middles) = Target(Box(28, 0, 52, 48));
    Tensor Output(float at, float elsewhere) => cat([zeros(1, 12, 16), numbers + at * middles + elsewhere * (1 - middles)]);
    float right = Loss(Output(0, 0)), away = Loss(Output(0, 3)), off = Loss(Output(1, 0));
    if (Near(away, right) && Near(off - right, 2.2f))
        return null;
    if (!Near(away, right))
        return "numbers count in cells without a middle too: there nothing is right or wrong, multiply by middles.";
    return Near(off - right, 4) ? "width and height weigh as much as x and y: they are in pixels, and count a tenth."
        : $"all four numbers wrong by 1 add {off - right:0.###} to the loss, expected 1 + 1 + 0.1 + 0.1.";

    float Loss(Tensor output) => ((Tensor)points.Loss(output, heat, numbers, middles)).item<float>();
}

string? Reading()
{
    Tensor output = zeros(5, 12, 16);
    output[0] = -6;
    output[0, 3, 9] = 4;   // a peak …
    output[0, 3, 10] = 3;  // … with a sure neighbour
    output[0, 9, 2] = 1;
    output[1] = 0.75f;
    output[2] = 0.25f;
    output[3] = 10;
    output[4] = 20;
    Tensor found = points.Find(output, 4, 0.5);
    if (found.shape[0] == 3)
        return "the neighbour of a peak is found too: a cell counts only if it is the highest of its 3 × 3 cells.";
    if (found.shape[0] > 3)
        return "cells below the threshold are found: `threshold` is a probability, the output a logit.";
    if (found.shape[0] != 2)
        return $"{found.shape[0]} boxes found, expected 2.";
    float[] box = found[found[.., 4].argmax()].data<float>().ToArray();
    (float x, float y, float width, float height) = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, box[2] - box[0], box[3] - box[1]);
    if (Near(x, 36) && Near(y, 12) || Near(x, 38) && Near(y, 14))
        return "the place in the cell is not used: boxes snap to the grid.";
    if (Near(x, 13) || Near(x, 3 * 4 + 3))
        return "rows and columns are exchanged.";
    if (Near(x, 36.75f) || Near(x, 9.75f))
        return "x and y in the cell are shares of a cell: add them before multiplying by the stride.";
    if (!Near(x, 39) || !Near(y, 13))
        return $"the surest box's middle is ({x:0.##}, {y:0.##}), expected (39, 13).";
    if (Near(width, 20) && Near(height, 40))
        return "the box is twice as large: half of width and height lies on each side of the middle.";
    if (!Near(width, 10) || !Near(height, 20))
        return $"the box is {width:0.##} × {height:0.##}, expected 10 × 20.";
    return Near(box[4], 0.982f) ? null : $"the score is {box[4]:0.###}, expected the probability, 0.982.";
}

string? Back()
{
    Tensor boxes = Box(3, 5, 14, 30, 30, 10, 41, 33, 50, 2, 61, 20);
    (Tensor heat, Tensor numbers, _) = Target(boxes);
    Tensor found = points.Find(cat([heat.clamp(0.001, 0.999).logit().unsqueeze(0), numbers]), 4, 0.9);
    return found.shape[0] == 3 && (found[found[.., 0].argsort()][.., ..4] - boxes).abs().max().item<float>() < 1e-3 ? null
        : "Find does not give back the boxes that Target was made of.";
}

bool Near(float a, float b) => Math.Abs(a - b) <= 2e-3 * (1 + Math.Abs(b));
