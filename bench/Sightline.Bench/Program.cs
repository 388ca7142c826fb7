using Sightline.Bench;

// dotnet run -c Release --project bench/Sightline.Bench -- NAME
return args switch
{
    ["startup", ..] => StartupBenchmark.Run(),
    ["step", .. var rest] => StepBenchmark.Run(rest),
    ["step-child", .. var rest] => StepBenchmark.Child(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("benchmarks: startup (verbs without torch), step (a training step beside PyTorch)");
    return 2;
}
