using Harima.Catalogue;
using Harima.Faults;
using Harima.Search.Index;

namespace Harima.Search;

/// <summary>Orders and the cursors of their pages.</summary>
static class SearchOrder
{
    public static IndexSort Of(string name, bool descending, SearchAsked asked)
    {
        if (SearchFields.Find(name) is { } field)
            return field.Kind switch
            {
                FieldKind.Keyword or FieldKind.Element => IndexSort.ByTerm(field.Index, descending),
                FieldKind.Text or FieldKind.File => throw Query.QueryFault.At(
                    "no-sort",
                    null,
                    $"'{name}' has no order. Sort by a number, a date, an id or another single value.",
                    ("field", name)
                ),
                _ => IndexSort.ByNumber(field.Index, descending),
            };
        var number = NumberField.Of(name, asked);
        return asked.Matches.Extent(number.Index) is not null
            ? IndexSort.ByNumber(number.Index, descending)
            : IndexSort.ByTerm(asked.KeywordOf(name), descending);
    }

    /// <summary>
    /// The order of a page and where it begins. A path of the metadata may have numbers, times and texts, in several units; which of them
    /// decides is found out for the first page, and stays so for the others whatever is added between them.
    /// </summary>
    public static (IndexSort Sort, IndexCursor? After) From(
        string? cursor,
        string name,
        bool descending,
        SearchAsked asked
    )
    {
        if (cursor is null)
            return (Of(name, descending, asked), null);
        var parts = Cursor.Decode(cursor, 7);
        if (parts[0].GetString() != name || parts[1].GetBoolean() != descending)
            throw Fault.Invalid(
                "bad-cursor",
                "The page cursor belongs to another order. Start again from the first page.",
                ("cursor", cursor)
            );
        var field = parts[2].GetString();
        return (
            parts[3].GetBoolean() ? IndexSort.ByNumber(field, descending) : IndexSort.ByTerm(field, descending),
            new IndexCursor(parts[4].GetInt64(), parts[5].IsNull ? null : parts[5].GetDouble(), parts[6].FindString())
        );
    }

    public static string Encode(IndexCursor cursor, string name, IndexSort sort) =>
        Cursor.Encode(
            name,
            sort.Descending,
            sort.Field,
            sort.By == IndexSort.Kind.Number,
            cursor.Row,
            cursor.Number!,
            cursor.Term!
        );
}
