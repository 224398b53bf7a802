namespace Harima.Search.Index;

/// <summary>
/// Ties are ordered by row, in the same direction. A document with several values stands at its smallest when ascending, at its
/// largest when descending; one without stands behind all others either way.
/// </summary>
public sealed record IndexSort
{
    IndexSort() { }

    internal enum Kind
    {
        Row,
        Number,
        Term,
    }

    internal Kind By { get; private init; }
    internal string Field { get; private init; } = "";
    public bool Descending { get; private init; }

    public static IndexSort ByRow(bool descending) => new() { Descending = descending };

    public static IndexSort ByNumber(string field, bool descending) =>
        new()
        {
            By = Kind.Number,
            Field = field,
            Descending = descending,
        };

    /// <summary>By the bytes of the term.</summary>
    public static IndexSort ByTerm(string field, bool descending) =>
        new()
        {
            By = Kind.Term,
            Field = field,
            Descending = descending,
        };
}

/// <summary>
/// The last document of a page: the next begins behind this place, whatever came or went meanwhile. Neither number nor term: it had no
/// value in the sort field (or the order is by row).
/// </summary>
public sealed record IndexCursor(long Row, double? Number = null, string? Term = null);

/// <param name="Next">Null on the last page.</param>
public sealed record IndexPage(IReadOnlyList<long> Rows, IndexCursor? Next);

/// <param name="Documents">How many of the matching documents have the term.</param>
public readonly record struct TermCount(string Term, long Documents);

/// <summary>Smallest and largest number, and how many documents have one.</summary>
public readonly record struct NumberExtent(double Min, double Max, long Documents);

public readonly record struct IndexPoint(long Row, double X, double Y);
