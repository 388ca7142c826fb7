using System.Xml.Linq;
using CsCheck;
using Sightline.Autograd;
using Sightline.Autograd.Drawing;
using Sightline.Autograd.Scalars;

namespace Sightline.Tests;

/// <summary>The engine on single numbers against the one on arrays, on random computations that use values again and again.</summary>
public sealed class ValueTests
{
    [Fact]
    public void Single_numbers_have_the_gradients_of_arrays_of_one() => Gen.ULong.Sample(seed =>
    {
        var draw = new SeedStream(seed, "expression");
        var values = new List<Value>();
        var variables = new List<Variable>();
        for (int i = 0; i < 3; i++)
        {
            double x = draw.Uniform(0.5, 1.5);
            values.Add(new Value(x));
            variables.Add(Variable.Parameter(new NdArray([x])));
        }
        for (int i = 0; i < 12; i++)
        {
            int a = draw.NextInt(values.Count), b = draw.NextInt(values.Count);
            (Value value, Variable variable) = draw.NextInt(9) switch
            {
                0 => (values[a] + values[b], variables[a] + variables[b]),
                1 => (values[a] - values[b], variables[a] - variables[b]),
                2 => (values[a] * values[b], variables[a] * variables[b]),
                3 => (values[a] / (values[b] * values[b] + new Value(1)), variables[a] / (variables[b] * variables[b] + Variable.Constant(new NdArray([1.0])))),
                4 => (values[a].Tanh(), variables[a].Tanh()),
                5 => (values[a].Sigmoid(), variables[a].Sigmoid()),
                6 => (values[a].Relu(), variables[a].Relu()),
                7 => (values[a].Tanh().Exp(), variables[a].Tanh().Exp()),
                _ => (values[a].Sigmoid().Log(), variables[a].Sigmoid().Log()),
            };
            values.Add(value);
            variables.Add(variable);
        }
        values[^1].Backward();
        variables[^1].Backward();
        Assert.Equal(variables[^1].Data.Item, values[^1].Data, 1e-12);
        for (int i = 0; i < 3; i++)
        {
            double expected = variables[i].Gradient?.Item ?? 0;
            Assert.True(Math.Abs(expected - values[i].Gradient) <= 1e-9 * Math.Max(1, Math.Abs(expected)), $"{values[i].Gradient}, expected {expected}");
        }
    }, iter: 500);

    [Fact]
    public void The_picture_shows_every_value_and_gradient()
    {
        var x = new Value(2, "x");
        var w = new Value(-3, "w<1>");
        Value loss = (x * w + new Value(10, "b")).Tanh() * x;
        loss.Backward();
        XDocument svg = XDocument.Parse(GraphPicture.Svg(loss));
        XNamespace ns = "http://www.w3.org/2000/svg";
        string[] texts = [.. svg.Descendants(ns + "text").Select(t => t.Value)];
        Assert.Equal(3 * loss.InOrder().Count, texts.Length);
        Assert.Contains("w<1>", texts);
        Assert.Contains("-3", texts);
        Assert.Contains(w.Gradient.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture), texts);
        // An edge for each use, and no box on another.
        Assert.Equal(loss.InOrder().Sum(v => v.Parents.Count), svg.Descendants(ns + "path").Count());
        var boxes = svg.Descendants(ns + "rect").Skip(1).Select(r => (r.Attribute("x")!.Value, r.Attribute("y")!.Value)).ToArray();
        Assert.Equal(boxes.Length, boxes.Distinct().Count());
    }
}
