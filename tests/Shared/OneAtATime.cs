namespace Sightline.Tests;

/// <summary>Tests that look at the whole process (its memory, its collector) run alone.</summary>
[CollectionDefinition(nameof(OneAtATime), DisableParallelization = true)]
public sealed class OneAtATime;
