// Runs the checks of an exercise one after the other and says what each found; the exercises share it.

public static class Checklist
{
    /// <summary>The class to check: the learner's own, or another of this program, named on the command line.</summary>
    public static Type Class<T>(string[] args)
    {
        string name = args.Length > 0 ? args[0] : typeof(T).Name;
        return typeof(T).Assembly.GetType(name) ?? throw new ArgumentException($"There is no class {name}.");
    }

    /// <summary>Each check gives null, or the mistake in words. The exit code is 0 when none found one.</summary>
    public static int Run(params (string What, Func<string?> Check)[] checks)
    {
        int failed = 0;
        foreach ((string what, Func<string?> check) in checks)
        {
            string? mistake;
            try
            {
                mistake = check();
            }
            catch (NotImplementedException exception)
            {
                mistake = "not written yet: " + exception.Message;
            }
            catch (Exception exception)
            {
                mistake = "it stops with: " + exception.Message.Split('\n')[0];
            }
            Console.WriteLine(mistake is null ? $"ok      {what}" : $"FAILED  {what}: {mistake}");
            failed += mistake is null ? 0 : 1;
        }
        Console.WriteLine(failed == 0 ? "All checks passed." : $"{failed} of {checks.Length} checks failed.");
        return failed == 0 ? 0 : 1;
    }
}
