using System.Globalization;
using CsCheck;
using Sightline.Training.Recipes;
using Sightline.Training.Sweeping;

namespace Sightline.Tests;

/// <summary>What is typed behind --over.</summary>
public sealed class SweptValuesTests
{
    private static readonly string[] Numbers = ["optimiser.learningRate", "optimiser.weightDecay", "network.options.width"];

    private static readonly Gen<SweptValues> Ranges = Gen.Select(Gen.OneOf([.. Numbers.Select(Gen.Const)]), Gen.Double[1e-6, 1e3], Gen.Double[1.01, 1e4], Gen.Bool, Gen.Int[2, 60], Gen.Bool)
        .Select(SweptValues (key, low, factor, log, count, counted) => new ValueRange(SweptKey.Find(key), low, low * factor, log ? RangeScale.Log : RangeScale.Linear, counted ? count : null));

    private static readonly Gen<SweptValues> Lists = Gen.Select(Gen.OneOf([.. new[] { "optimiser.name", "training.batchSize", "schedule.milestones", "augmentation.randAugment" }.Select(Gen.Const)]),
            Gen.OneOf([.. new[] { "1", "0.5", "null", "[1, 2]", "{a: 1, b: [2, 3]}", "\"a,b\"", "sgd", "-3", "1e-4", "{}" }.Select(Gen.Const)]).Array[1, 6])
        .Select(SweptValues (key, values) => new ListedValues(SweptKey.Find(key), ValueList.Create<string>([.. values.Distinct()])));

    [Fact]
    public void What_is_written_is_read_back_equal() =>
        Gen.OneOf(Ranges, Lists).Sample(values => Assert.Equal(values, SweptValues.Parse(values.ToString())));

    [Fact]
    public void Values_of_a_range_lie_within_it_and_can_be_typed_again() => Gen.Select(Ranges, Gen.Double.Unit).Sample((values, share) =>
    {
        var range = (ValueRange)values;
        Assert.All(range.Points.Append(range.At(share)), p => Assert.InRange(double.Parse(p, CultureInfo.InvariantCulture), range.Low, range.High));
        Assert.Equal(range.Points.Distinct(), range.Points);
        if (range.Steps is null && share > 0)
            Assert.Equal(range.Points, (range with { Steps = ValueRange.GridPoints }).Points);
    });

    [Theory]
    [InlineData("lr=1e-3..1:log:4", "optimiser.learningRate", "0.001 0.01 0.1 1")]
    [InlineData("lr=0.012345..0.1:log:3", "optimiser.learningRate", "0.012345 0.03514 0.1")]
    [InlineData("lr=0.1..0.3:linear:3", "optimiser.learningRate", "0.1 0.2 0.3")]
    [InlineData("momentum=0.8..0.9:lin:2", "optimiser.momentum", "0.8 0.9")]
    [InlineData("batch=16..128:log:4", "training.batchSize", "16 32 64 128")]
    [InlineData("training.epochs=1..3:linear:9", "training.epochs", "1 2 3")]
    [InlineData("network.options.stochasticDepth=0..0.4:linear", "network.options.stochasticDepth", "0 0.1 0.2 0.3 0.4")]
    [InlineData("optimiser.name = sgd, adamw", "optimiser.name", "sgd adamw")]
    [InlineData("wd=0,5e-4", "optimiser.weightDecay", "0 5e-4")]
    [InlineData("data.path=../a,../b", "data.path", "../a ../b")]
    public void A_specification_gives_its_values(string text, string key, string points)
    {
        SweptValues values = SweptValues.Parse(text);
        Assert.Equal(key, values.Key.Path);
        Assert.Equal(points.Split(' '), values.Points);
    }

    [Theory]
    [InlineData("lr", "sweep-spec", "expected KEY=VALUES")]
    [InlineData("=1,2", "sweep-spec", "expected KEY=VALUES")]
    [InlineData("optimizer.learningRate=1,2", "sweep-key", "Did you mean 'optimiser.learningRate'?")]
    [InlineData("learningRate=1,2", "sweep-key", "Did you mean 'optimiser.learningRate'?")]
    [InlineData("optimiser.weightdecay=1,2", "sweep-key", "Did you mean 'optimiser.weightDecay'?")]
    [InlineData("lr=", "sweep-spec", "there is no value")]
    [InlineData("lr=0.1,,0.2", "sweep-spec", "a value is empty")]
    [InlineData("lr=0.1,0.1", "sweep-spec", "'0.1' stands there twice")]
    [InlineData("lr=1e-3..1", "sweep-spec", "Add :log or :linear")]
    [InlineData("lr=1..1e-3:log", "sweep-spec", "The lower end comes first.")]
    [InlineData("lr=1..1:log", "sweep-spec", "The lower end comes first.")]
    [InlineData("lr=0..1:log", "sweep-spec", "cannot begin at 0")]
    [InlineData("lr=-1..1:log", "sweep-spec", "cannot begin at -1")]
    [InlineData("lr=a..1:log", "sweep-spec", "'a..1' is no range")]
    [InlineData("lr=0..1..2:linear", "sweep-spec", "is no range")]
    [InlineData("lr=0..NaN:linear", "sweep-spec", "is no range")]
    [InlineData("lr=1e-3..1:logarithmic", "sweep-spec", "'logarithmic' is no scale")]
    [InlineData("lr=1e-3..1:log:1", "sweep-spec", "'1' is no number of values")]
    [InlineData("lr=1e-3..1:log:x:2", "sweep-spec", "'x:2' is no number of values")]
    [InlineData("batch=1.2..2.1:linear", "sweep-spec", "is a whole number")]
    public void What_cannot_be_read_is_told(string text, string code, string message)
    {
        BadInputException error = Assert.Throws<BadInputException>(() => SweptValues.Parse(text));
        Assert.Equal(code, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_short_name_is_of_a_key() => Assert.All(SweptKey.ShortNames, n => Assert.Equal(n.Value, SweptKey.Find(n.Key).Path));
}
