namespace Harima.Work;

/// <summary>Something to be done, in the hands of one worker until its lease ends.</summary>
public sealed record WorkItem
{
    public long Id { get; init; }
    public required string Queue { get; init; }

    /// <summary>What it is about, such as <c>2026A1234/S0042</c>; one item for each.</summary>
    public required string Subject { get; init; }

    /// <summary>What else the worker must know, as it was last asked for; null for nothing.</summary>
    public string? Payload { get; init; }

    /// <summary>How often it has been begun, this time included.</summary>
    public int Attempts { get; init; }
    internal long Asked { get; init; }
    internal string Claim { get; init; } = "";
}

/// <summary>An item that was given up after too many attempts.</summary>
public sealed record DeadWork
{
    public long Id { get; init; }
    public required string Queue { get; init; }
    public required string Subject { get; init; }
    public int Attempts { get; init; }
    public string? LastError { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>How much work of a kind there is.</summary>
public sealed record WorkSummary
{
    public required string Queue { get; init; }
    public long Waiting { get; init; }

    /// <summary>Being done now.</summary>
    public long InHand { get; init; }
    public long GivenUp { get; init; }
}

/// <summary>A kind of work: its queue, and what does it. Every capability registers its own.</summary>
/// <param name="Queue">Kebab-case and stable: rows carry it.</param>
/// <param name="HandleAsync">
/// Does one item; may be run again for the same item after a kill, so it must not matter if it runs twice. Any exception but a
/// cancellation by the host counts as a failed attempt.
/// </param>
public sealed record WorkKind(string Queue, Func<WorkItem, CancellationToken, Task> HandleAsync)
{
    /// <summary>For how long others leave an item alone; renewed while the worker lives.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Then it is given up and waits for an administrator, or for being asked for again.</summary>
    public int MaxAttempts { get; init; } = 6;

    /// <summary>How many a process does at once.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>The wait after the first failure; doubled after each further one, up to an hour.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(5);
}
