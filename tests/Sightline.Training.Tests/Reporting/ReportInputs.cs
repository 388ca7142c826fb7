using Sightline.Diagnosis;
using Sightline.Imaging;
using Sightline.Metrics;
using Sightline.Training.Reporting;

namespace Sightline.Tests;

/// <summary>A run as a report would get it: plausible curves, an imperfect classifier, pictures.</summary>
internal static class ReportInputs
{
    internal static readonly string[] Yard = ["barrel", "cone", "crate", "pallet", "person", "sign", "vehicle"];

    internal static RunReportInput Of(string[] classes, int images = 600, int epochs = 24)
    {
        var stream = new SeedStream(5, "report-test");
        int k = classes.Length;
        var p = new float[images * k];
        int[] labels = new int[images];
        for (int i = 0; i < images; i++)
        {
            labels[i] = stream.NextInt(k);
            double[] logits = new double[k];
            for (int c = 0; c < k; c++)
                logits[c] = stream.Normal() * 1.6 + (c == labels[i] ? 4.5 : c == (labels[i] + 1) % k ? 1.5 : 0);
            double sum = logits.Sum(Math.Exp);
            for (int c = 0; c < k; c++)
                p[i * k + c] = (float)(Math.Exp(logits[c]) / sum);
        }
        ClassificationReport report = ClassificationReport.From(p, labels, classes, 3, replicates: 200);
        return new RunReportInput
        {
            Title = "yard-demo",
            Subtitle = "cifar_resnet20 · crops of 4 drives, split by drive · 24 epochs · bf16 · seed 1",
            Epochs =
            [
                .. Enumerable.Range(1, epochs).Select(e => new ReportedEpoch(
                    e, 0.1 * Math.Sin(Math.PI * e / (epochs + 1)), 1.9 * Math.Exp(-e / 7.0) + 0.2, 1 - 0.75 * Math.Exp(-e / 6.0),
                    1.8 * Math.Exp(-e / 6.0) + 0.35 + 0.05 * Math.Sin(e), 0.93 - 0.7 * Math.Exp(-e / 5.0), 2.5 - e / 20.0, 6.2, 812)),
            ],
            Evaluation = report,
            EvaluatedOn = $"best checkpoint (EMA, epoch 19) on the {images} images of split val",
            WorstMistakes =
            [
                .. report.WorstMistakes(12).Select(d => new ReportedMistake(
                    $"drive-04/crop-{d.Index:0000}.jpg", classes[d.Label], classes[d.Predicted], d.Confidence, d.LabelProbability, ImageCodec.EncodeJpeg(TestImages.Random(64, 64, d.Index)))),
            ],
            RecipeText = "network: cifar_resnet20\noptimiser:\n  kind: sgd\n  learningRate: 0.1\n",
            EnvironmentText = "{\n  \"seed\": 1,\n  \"libtorch\": \"2.10.0\"\n}",
        };
    }

    /// <summary>The same with curves that were found to overfit from epoch 12 on.</summary>
    internal static RunReportInput Sick(string[] classes, string evidence = "The validation loss turned.")
    {
        RunReportInput input = Of(classes);
        var log = new TrainingLog { Source = "runs/yard", Epochs = [.. input.Epochs.Select(e => new EpochPoint(e.Epoch, e.LearningRate, e.TrainLoss, e.TrainTop1, e.ValLoss, e.ValTop1))] };
        var finding = new Finding
        {
            Code = "overfitting",
            Confidence = 0.9,
            FirstEpoch = 12,
            LastEpoch = 24,
            ShownBy = ShownBy.Loss,
            Evidence = evidence,
            Remedies = [new Remedy("Shift the images.", "augmentation.pad=4")],
            Confirmation = "It stays down.",
        };
        return input with { Diagnosis = new ReportedDiagnosis(log, new Assessment(Verdict.Sick, [finding], null)) };
    }
}
