namespace Harima.Rest;

/// <summary>A list that is answered whole.</summary>
public sealed record ItemsDto<T>(IReadOnlyList<T> Items);

/// <summary>One page of a list.</summary>
/// <param name="Next">To be given back for the following page; null where this is the last.</param>
/// <param name="Previous">To be given back for the page before, where the list can go backwards.</param>
/// <param name="Count">How many there are on all pages, where it was asked for; at most 10000.</param>
/// <param name="More">True where there are more than <paramref name="Count"/>.</param>
public sealed record PageDto<T>(
    IReadOnlyList<T> Items,
    string? Next = null,
    string? Previous = null,
    long? Count = null,
    bool? More = null
);

/// <summary>A refusal, <c>application/problem+json</c> (RFC 9457).</summary>
/// <param name="Reason">Stable and kebab-case: what a program decides by.</param>
/// <param name="Detail">What was wrong and what to do, in English.</param>
/// <param name="Fields">The values the sentence speaks of.</param>
public sealed record ProblemDto(
    string Type,
    string Title,
    int Status,
    string Detail,
    string Reason,
    IReadOnlyDictionary<string, string>? Fields = null,
    string? Id = null
);
