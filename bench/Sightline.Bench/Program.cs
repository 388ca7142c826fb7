using Sightline.Bench;
using Sightline.Bench.Diagnosis;

// dotnet run -c Release --project bench/Sightline.Bench -- NAME
return args switch
{
    ["startup", ..] => StartupBenchmark.Run(),
    ["step", .. var rest] => StepBenchmark.Run(rest),
    ["step-child", .. var rest] => StepBenchmark.Child(rest),
    ["epoch"] => EpochBenchmark.Run(),
    ["recipe", .. var rest] => RecipeBenchmark.Run(rest),
    ["bf16", .. var rest] => Bf16AccuracyBenchmark.Run(rest),
    ["diagnosis", .. var rest] => DiagnosisBenchmark.Run(rest),
    ["signals"] => SignalsBenchmark.Run(),
    ["registry"] => RegistryBenchmark.Run(),
    ["registry-child", var name] => RegistryBenchmark.Child(name),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        benchmarks:
          startup          verbs without torch, as whole processes
          step [NETWORK] [--threads N]
                           a training step beside PyTorch's: cifar_resnet18, mobilenet_v2 or googlenet
          epoch            a whole epoch beside its bare steps
          signals          what measuring a training for its diagnosis costs
          registry         training steps of networks above 30 million parameters
          recipe NAME --seed N [KEY=VALUE ...]
                           trains recipes/NAME.yaml whole and scores it
          diagnosis plan|run|collect|score
                           small trainings injured on purpose, for the rules of diagnose
          bf16 [--threads N]
                           accuracy in bfloat16 against float32, five seeds
        """);
    return 2;
}
