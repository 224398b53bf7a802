namespace Harima.Search.Query;

/// <summary>
/// A question about sequences, as a tree. The text a person writes (<see cref="QueryText"/>), the JSON of the builder
/// (<see cref="QueryJson"/>) and this tree turn into each other without loss.
/// </summary>
/// <remarks>
/// Values stay as they were written ("12.1keV", "2026-04"): what they mean depends on the field, and is decided when the
/// question is asked. A tree made by <see cref="QueryText"/>, <see cref="QueryJson"/> or <see cref="Of(IEnumerable{SearchQuery}, bool)"/>
/// has no group of one or none, except the empty question, which is <see cref="Everything"/>.
/// </remarks>
public abstract record SearchQuery
{
    /// <summary>The empty question: all that one may see.</summary>
    public static SearchQuery Everything { get; } = new AllOf([]);

    public bool IsEverything => this is AllOf { Parts.Count: 0 };

    /// <summary>Those parts joined; a group of one is that one, and what is empty is left out.</summary>
    public static SearchQuery Of(IEnumerable<SearchQuery> parts, bool all)
    {
        var kept = parts.Where(part => !part.IsEverything).ToList();
        return kept switch
        {
            [] => Everything,
            [var only] => only,
            _ when all => new AllOf(kept),
            _ => new AnyOf(kept),
        };
    }

    public static SearchQuery Without(SearchQuery part) => part.IsEverything ? part : new Not(part);

    /// <summary>Both: what <paramref name="other"/> asks as well.</summary>
    public SearchQuery And(SearchQuery other) =>
        Of([.. this is AllOf all ? all.Parts : [this], .. other is AllOf more ? more.Parts : [other]], all: true);
}

/// <summary>Everything that all parts find.</summary>
public sealed record AllOf(IReadOnlyList<SearchQuery> Parts) : SearchQuery
{
    public bool Equals(AllOf? other) => other is not null && Parts.SequenceEqual(other.Parts);

    public override int GetHashCode() => Parts.Aggregate(1, HashCode.Combine);
}

/// <summary>Everything that any part finds.</summary>
public sealed record AnyOf(IReadOnlyList<SearchQuery> Parts) : SearchQuery
{
    public bool Equals(AnyOf? other) => other is not null && Parts.SequenceEqual(other.Parts);

    public override int GetHashCode() => Parts.Aggregate(2, HashCode.Combine);
}

/// <summary>Everything that the part does not find.</summary>
public sealed record Not(SearchQuery Part) : SearchQuery;

/// <summary>Words anywhere in the sequence: its ids, titles, people, metadata and file names.</summary>
public sealed record TextIs(QueryValue Value) : SearchQuery;

/// <summary>A field, by short name or by any path of the metadata, has this value.</summary>
public sealed record FieldIs(string Path, QueryValue Value) : SearchQuery;

/// <summary>A field lies from the beginning of one value to the end of another, both included; null is open.</summary>
/// <remarks>"2026-04..2026-06" is April to June: a month is all of it.</remarks>
public sealed record FieldWithin(string Path, string? From, string? To) : SearchQuery;

/// <summary>A field is greater than (a time: after the end of) a value.</summary>
public sealed record FieldAbove(string Path, string Value) : SearchQuery;

/// <summary>A field is less than (a time: before the beginning of) a value.</summary>
public sealed record FieldBelow(string Path, string Value) : SearchQuery;

/// <summary>A field has any value at all.</summary>
public sealed record FieldExists(string Path) : SearchQuery;

/// <param name="Text">As written. Where not <paramref name="IsExact"/>, each <c>*</c> stands for anything.</param>
/// <param name="IsExact">Written in quotation marks: these words side by side, without synonyms and wildcards.</param>
public readonly record struct QueryValue(string Text, bool IsExact)
{
    public bool HasWildcard => !IsExact && Text.Contains('*', StringComparison.Ordinal);
}
