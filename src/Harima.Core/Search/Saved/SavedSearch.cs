namespace Harima.Search.Saved;

/// <summary>How somebody is told of what is new.</summary>
public enum SearchNotice
{
    None,

    /// <summary>By the bell of the portal.</summary>
    Bell,

    /// <summary>To the owner's own address.</summary>
    Mail,

    /// <summary>A signed POST to an address of their choice.</summary>
    Webhook,
}

/// <summary>What a plot shows across and up; null for what suits.</summary>
/// <param name="Log">The logarithmic axes: <c>x</c>, <c>y</c>, <c>xy</c> or nothing.</param>
public sealed record PlotAxes(string? X, string? Y, string? Log)
{
    public static readonly PlotAxes WhatSuits = new(null, null, null);
}

/// <summary>A question that is kept under a name, with how its answer is shown.</summary>
public sealed record SavedSearch
{
    /// <summary>Not to be guessed: whoever was given it may open the question, and sees of its answer what they may see.</summary>
    public required string Id { get; init; }
    public required string Owner { get; init; }
    public required string Title { get; init; }

    /// <summary>As text.</summary>
    public required string Query { get; init; }
    public required string Sort { get; init; }
    public bool Descending { get; init; }
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary><c>table</c>, <c>cards</c>, <c>plot</c> or <c>elements</c>.</summary>
    public required string View { get; init; }
    public PlotAxes Plot { get; init; } = PlotAxes.WhatSuits;
    public SearchNotice Notify { get; init; }

    /// <summary>Of a webhook; only its owner is shown it.</summary>
    public string? Target { get; init; }

    /// <summary>Tells of nothing until it is told to go on.</summary>
    public bool Paused { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset ChangedAt { get; init; }
}

/// <param name="Id">Of one to be changed; null for a new one.</param>
public sealed record SaveSearchRequest(
    string? Id,
    string Title,
    string Query,
    string Sort,
    bool Descending,
    IReadOnlyList<string> Columns,
    string View,
    SearchNotice Notify = SearchNotice.None,
    string? Target = null,
    bool Paused = false,
    PlotAxes? Plot = null
);
