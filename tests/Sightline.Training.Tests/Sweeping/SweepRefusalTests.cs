using Sightline.Training.Recipes;
using Sightline.Training.Sweeping;

namespace Sightline.Tests;

/// <summary>What no sweep begins with: one message that says what, where and what to do, before anything trains.</summary>
[Collection(nameof(OneAtATime))]
public sealed class SweepRefusalTests : IDisposable
{
    private readonly TinyImageFolder tiny = new(perClass: 6);

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void Parts_that_do_not_fit_each_other()
    {
        Refused("sweep-over", "Nothing varies", Plan());
        Refused("sweep-over", "names optimiser.learningRate twice", Plan("lr=0.1,0.2", "optimiser.learningRate=0.3"));
        Refused("sweep-trials", "The grid has 125 trials (5 × 5 × 5); more than 64 are not begun unasked. Name fewer values, draw some of them by --method random --trials 64, or allow all by --trials 125.",
            Plan("lr=1e-3..1:log", "wd=1e-5..1e-2:log", "momentum=0.5..0.9:linear"));
        Refused("sweep-trials", "--trials allows 100", Plan("lr=1e-3..1:log:101") with { Trials = 100 });
        Refused("sweep-trials", "Add --trials N", Plan("lr=1e-3..1:log") with { Method = SweepMethod.Random });
        Refused("sweep-trials", "--trials is 0", Plan("lr=1e-3..1:log") with { Method = SweepMethod.Random, Trials = 0 });
        Refused("sweep-trials", "2 different combinations", Plan("lr=0.1,0.2") with { Method = SweepMethod.Random, Trials = 3 });
        Refused("sweep-halving", "training.epochs is what halving gives", Plan("epochs=1,2") with { Method = SweepMethod.Halving });
        Refused("sweep-halving", "--eta is 1", Plan("lr=0.1,0.2") with { Method = SweepMethod.Halving, Eta = 1 });
        Refused("sweep-halving", "Take 1 to training.epochs, 2", Plan("lr=0.1,0.2") with { Method = SweepMethod.Halving, MinEpochs = 3 });
        Refused("sweep-halving", "--min-epochs is the first rung", Plan("lr=0.1,0.2") with { MinEpochs = 3 });
        Refused("sweep-range-test", "this would vary optimiser.learningRate=0.1,0.2", Plan("lr=0.1,0.2") with { Method = SweepMethod.RangeTest });
        Refused("sweep-range-test", "varies nothing else", Plan("lr=0.1..1:log", "wd=0,1") with { Method = SweepMethod.RangeTest });
        Refused("sweep-range-test", "too short", Plan("lr=0.1..1:log:5") with { Method = SweepMethod.RangeTest });
    }

    [Fact]
    public void Values_that_a_recipe_or_its_data_refuse()
    {
        Refused("recipe-value", "--over optimiser.momentum=1: 'optimiser.momentum' is 1; expected 0 to less than 1", Plan("momentum=0.9,1"));
        Refused("recipe-choice", "--over optimiser.name=adamx: 'adamx' is not a choice", Plan("optimiser.name=sgd,adamx"));
        Refused("recipe-type", "'training.batchSize' holds '0.5'", Plan("batch=8,0.5"));
        // A warm-up that is fine by itself, and too long beside another key.
        Refused("recipe-value", "expected 0 to less than training.epochs (1)", Plan("epochs=2,1", "schedule.warmupEpochs=0,1"));
        Refused("network-unknown", "trial-002 (network.name=cifar_resnet9) cannot be trained: ", Plan("network.name=cifar_resnet8,cifar_resnet9"));
        Refused("data-missing", "trial-001", Plan($"data.path={tiny.PathOf("nowhere")},{tiny.Images}"));
        Refused("sweep-without-validation", "no validation images to tell trials apart by", Plan("lr=0.1,0.2") with { Recipe = Recipe("data.split.validationFraction=0") });
    }

    [Fact]
    public void Folders_of_something_else()
    {
        SweepOutcome outcome = Sweeper.Start(Plan("lr=0.1,0.2") with { Recipe = Recipe("training.epochs=1") }, tiny.PathOf("sweep"));
        Assert.Equal("sweep-exists", Assert.Throws<BadInputException>(() => Sweeper.Start(Plan("lr=0.1"), outcome.Folder.Root)).Code);
        Assert.Equal("sweep-folder-taken", Assert.Throws<BadInputException>(() => Sweeper.Start(Plan("lr=0.1"), tiny.Images)).Code);
        Assert.Equal("sweep-missing", Assert.Throws<BadInputException>(() => Sweeper.Resume(tiny.PathOf("nowhere"))).Code);
        BadInputException other = Assert.Throws<BadInputException>(() => Sweeper.Resume(outcome.Folder.Root, same: Plan("lr=0.1,0.3") with { Seed = 2 }));
        Assert.Equal("sweep-differs", other.Code);
        Assert.Contains("--over was optimiser.learningRate=0.1,0.2, is optimiser.learningRate=0.1,0.3; --seed was 1, is 2; training.epochs was 1, is 2.", other.Message, StringComparison.Ordinal);
        using (outcome.Folder.Lock())
            Assert.Equal("sweep-busy", Assert.Throws<BadInputException>(() => Sweeper.Resume(outcome.Folder.Root)).Code);

        string state = File.ReadAllText(outcome.Folder.State);
        foreach ((string was, string now) in (IEnumerable<(string, string)>)[("\"version\": 1", "\"version\": 2"), ("\"grid\"", "\"grit\""), ("trial-002", "trial-003"), (state, "{"), (state, "[]"), (state, "")])
        {
            File.WriteAllText(outcome.Folder.State, state.Replace(was, now, StringComparison.Ordinal));
            Assert.Equal(("sweep-file", outcome.Folder.State), Assert.Throws<BadInputException>(() => Sweeper.Resume(outcome.Folder.Root)) is var e ? (e.Code, e.Path) : default);
        }
    }

    private void Refused(string code, string message, SweepPlan plan)
    {
        BadInputException error = Assert.Throws<BadInputException>(() => Sweeper.Start(plan, tiny.PathOf("refused")));
        Assert.Equal(code, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(tiny.PathOf("refused")));
    }

    private SweepPlan Plan(params string[] over) => new() { Recipe = Recipe(), Over = ValueList.Create<SweptValues>([.. over.Select(SweptValues.Parse)]) };

    private Recipe Recipe(params string[] set) => RecipeFile.Read(tiny.Recipe("", "epochs: 2, batchSize: 8, precision: float32"), set);
}
