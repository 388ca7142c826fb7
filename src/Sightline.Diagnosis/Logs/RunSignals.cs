namespace Sightline.Diagnosis;

/// <summary>What a run folder's signals.csv (a row every few steps) and probe.csv (a row an epoch) tell, by epochs.</summary>
internal static class RunSignals
{
    /// <summary>Puts both together.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="epochs">The epochs that metrics.csv holds, rising: steps of the one that is running are left out.</param>
    /// <param name="notes">Gets what was odd.</param>
    internal static IReadOnlyList<EpochSignals> Read(string folder, IReadOnlyList<EpochPoint> epochs, List<string> notes)
    {
        SignalTable? signals = SignalTable.Read(Path.Combine(folder, "signals.csv"), notes), probe = SignalTable.Read(Path.Combine(folder, "probe.csv"), notes);
        if (signals is null && probe is null)
            return [];
        string[] blocks = [.. (signals?.Blocks ?? []).Union(probe?.Blocks ?? [])];
        var found = new List<EpochSignals>(epochs.Count);
        foreach (EpochPoint point in epochs)
        {
            IReadOnlyList<int> steps = signals?.RowsOf(point.Epoch) ?? [];
            int last = probe?.RowsOf(point.Epoch) is { Count: > 0 } rows ? rows[^1] : -1;
            if (steps.Count == 0 && last < 0)
                continue;
            double Probe(string column) => last < 0 ? double.NaN : probe!.Value(last, column);
            found.Add(new EpochSignals
            {
                Epoch = point.Epoch,
                Steps = SignalSummary.Of([.. steps.Select(r => Step(signals!, r))]),
                ProbeLoss = Probe("probe_loss"),
                ProbeTop1 = Probe("probe_top1"),
                ProbeBatchLoss = Probe("probe_batch_loss"),
                ProbeBatchTop1 = Probe("probe_batch_top1"),
                ValConfidentlyWrong = Probe("val_confidently_wrong"),
                ValLossMedian = Probe("val_loss_median"),
                ValLossP90 = Probe("val_loss_p90"),
                ValPredictions = last < 0 ? [] : probe!.Predictions(last),
                Blocks =
                [
                    .. blocks.Select(b => new BlockSignals(b, signals?.Mean(steps, "gradient_norm/" + b) ?? double.NaN, signals?.Mean(steps, "update_ratio/" + b) ?? double.NaN,
                        Probe("activation_deviation/" + b), Probe("dead_share/" + b))),
                ],
            });
        }
        return found;
    }

    private static StepPoint Step(SignalTable table, int row) => new((long)table.Value(row, "step"), table.Value(row, "epoch"), table.Value(row, "loss"), table.Value(row, "gradient_norm"),
        table.Value(row, "weight_norm"), table.Value(row, "update_norm"), table.Value(row, "momentum_cosine"), table.Value(row, "confidently_wrong"), table.Value(row, "loss_median"), table.Value(row, "loss_p90"),
        table.Value(row, "top_label_share"));
}
