using System.Runtime.InteropServices;
using Sightline;
using Sightline.Samples;

// robot-node BUNDLE [FOLDER | -] [--budget MS] [--threads N]
//   Verifies the bundle's golden frames on this machine, and starts only if they are decided as where it was trained.
//   FOLDER  classifies its images in the order of their names
//   -       classifies images whose paths come line by line on standard input, the newest first when it falls behind
//   nothing verifies, says so, and ends
// One JSON object a line on standard output; messages on standard error. SIGTERM and Ctrl-C end it after the frame at hand.
try
{
    NodeOptions options = NodeOptions.Parse(args);
    using var stop = new CancellationTokenSource();
    void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        stop.Cancel();
    }
    using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop), interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var node = Node.Start(options);
    return node.Run(stop.Token);
}
catch (BadInputException problem)
{
    Console.Error.WriteLine($"robot-node: {problem.Message}");
    return 2;
}
