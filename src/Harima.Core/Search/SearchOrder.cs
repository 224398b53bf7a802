using System.Text.Json;
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
                    $"'{name}' has no order.",
                    ("field", name)
                ),
                _ => IndexSort.ByNumber(field.Index, descending),
            };
        var number = NumberField.Of(name, asked.Paths, asked.Matches);
        return asked.Matches.Extent(number.Index) is not null
            ? IndexSort.ByNumber(number.Index, descending)
            : IndexSort.ByTerm(IndexField.KeywordOf(asked.Paths.Resolve(name)[0]), descending);
    }

    public static string Encode(IndexCursor cursor, string sort, bool descending) =>
        Cursor.Encode(sort, descending, cursor.Row, cursor.Number!, cursor.Term!);

    public static IndexCursor? Decode(string? cursor, string sort, bool descending)
    {
        if (cursor is null)
            return null;
        var parts = Cursor.Decode(cursor, 5);
        try
        {
            if (parts[0].GetString() != sort || parts[1].GetBoolean() != descending)
                throw Fault.Invalid(
                    "bad-cursor",
                    "The page cursor belongs to another order. Start again from the first page.",
                    ("cursor", cursor)
                );
            return new IndexCursor(
                parts[2].GetInt64(),
                parts[3].ValueKind == JsonValueKind.Null ? null : parts[3].GetDouble(),
                parts[4].GetString()
            );
        }
        catch (Exception fault) when (fault is InvalidOperationException or FormatException)
        {
            throw Fault.Invalid(
                "bad-cursor",
                "The page cursor is not one this server gave. Start again from the first page.",
                ("cursor", cursor)
            );
        }
    }
}
