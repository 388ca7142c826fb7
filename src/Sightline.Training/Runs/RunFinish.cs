using System.Text.Encodings.Web;
using System.Text.Json;
using Sightline.Datasets;
using Sightline.Diagnosis;
using Sightline.Metrics;
using Sightline.Training.Checkpoints;
using Sightline.Training.Evaluation;
using Sightline.Training.Loop;
using Sightline.Training.Recipes;
using Sightline.Training.Reporting;

namespace Sightline.Training.Runs;

/// <summary>
/// What a run folder gets when the training is over: hashes of the final weights, the score on the test images (else on the validation
/// images) and the report. Done again after an interruption, it writes the same.
/// </summary>
internal static class RunFinish
{
    public static (double? TestTop1, string Hash, ReportedDiagnosis? Diagnosis) Write(RunFolder folder, Recipe recipe, TrainingData data, Trainer trainer, IProgress<WorkProgress>? progress)
    {
        string hash = WeightsHash.Of(trainer.Network.state_dict());
        RunEnvironment.Finish(folder.Environment, hash, trainer.Average is { InUse: true } average ? WeightsHash.Of(average.Average) : null);
        ReportedDiagnosis? diagnosis = Diagnosis(folder);
        (IReadOnlyList<ImageSample> samples, string split) = data.Test.Count > 0 ? (data.Test, "test") : (data.Validation, "val");
        if (samples.Count == 0)
        {
            RunReport.Write(folder.Report, Input(folder, recipe, data, diagnosis));
            return (null, hash, diagnosis);
        }
        using TrainedModel model = TrainedModel.Load(folder.Root);
        model.MoveTo(recipe.Training.Device);
        float[] probabilities = Evaluator.Probabilities(model, samples, new EvaluationOptions
        {
            ChannelsLast = recipe.Training.ChannelsLast,
            Workers = recipe.Training.Workers,
            Stage = "evaluate " + split,
        }, progress);
        int[] labels = [.. samples.Select(s => s.Label)];
        ClassificationReport report = ClassificationReport.From(probabilities, labels, data.Set.Classes, recipe.Seed);
        AtomicFile.Write(folder.Evaluation, stream =>
        {
            using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            json.WriteStartObject();
            EvaluationDocument.Write(json, report, model, data.Set.Root, split);
            json.WriteEndObject();
        });
        RunReport.Write(folder.Report, Input(folder, recipe, data, diagnosis) with
        {
            Evaluation = report,
            EvaluatedOn = $"checkpoint {model.CheckpointName} on the {report.Images} images of split {split}",
            WorstMistakes = [.. report.WorstMistakes(WorstMistakes).Select(d => new ReportedMistake(samples[d.Index].Name, data.Set.Classes[d.Label], data.Set.Classes[d.Predicted],
                d.Confidence, d.LabelProbability, ReportedMistake.PictureOf(samples[d.Index].Content.Decode())))],
        });
        return (data.Test.Count > 0 ? report.Top1 : null, hash, diagnosis);
    }

    /// <summary>What the run's files say of its training.</summary>
    /// <returns>The diagnosis; null when no epoch is finished, or the files were changed.</returns>
    public static ReportedDiagnosis? Diagnosis(RunFolder folder)
    {
        try
        {
            TrainingLog log = LogReader.Read(folder.Root);
            return new ReportedDiagnosis(log, Diagnostician.Assess(log));
        }
        catch (BadInputException)
        {
            return null;
        }
    }

    private const int WorstMistakes = 24;

    private static RunReportInput Input(RunFolder folder, Recipe recipe, TrainingData data, ReportedDiagnosis? diagnosis) => new()
    {
        Title = recipe.Name,
        Subtitle = $"{recipe.Network.Name} · {Path.GetFileName(data.Set.Root)} ({data.Train.Count} training images, {data.Set.Classes.Count} classes) · {recipe.Training.Epochs} epochs{(recipe.Training.Swa is { } swa ? $", weights averaged (SWA) from epoch {swa.First(recipe.Training.Epochs) + swa.CycleEpochs} on" : "")} · seed {recipe.Seed}",
        Epochs = [.. MetricsLog.Read(folder.Metrics).Select(m => new ReportedEpoch(m.Epoch, m.LearningRate, m.TrainLoss, m.TrainTop1, m.ValLoss, m.ValTop1, m.GradientNorm, m.Seconds, m.SamplesPerSecond))],
        Diagnosis = diagnosis,
        RecipeText = File.ReadAllText(folder.Recipe),
        EnvironmentText = File.ReadAllText(folder.Environment),
    };
}
