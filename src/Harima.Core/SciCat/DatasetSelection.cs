using System.Text.Json.Nodes;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Identity;
using Harima.SciCat.Filters;
using Harima.Search;
using Harima.Search.Feed;
using Harima.Search.Index;

namespace Harima.SciCat;

/// <summary>
/// Which of the datasets somebody may read fulfil a condition. SQL answers for the catalogue's columns and holds the access rule; the
/// search index narrows what is asked of the metadata; what neither answers is looked up in the documents, a stated number at most.
/// </summary>
sealed class DatasetSelection(
    Database database,
    Policy policy,
    SearchFeed feed,
    SearchReach reach,
    KnownPaths paths,
    FacilityClock clock,
    DatasetDocuments documents,
    NameDatasets names
)
{
    /// <summary>How many documents one request looks at.</summary>
    public const int MaxLookedAt = 20_000;

    // Beyond this a list of rows costs more than it saves.
    const int MaxNarrowed = 200_000;
    const int AtOnce = 250;

    const string From =
        "FROM sequence s JOIN proposal p ON p.id = s.proposal_id LEFT JOIN scicat_dataset c ON c.sequence_row = s.row";

    /// <summary>A condition made ready: its SQL with the caller's rights, and what is left for the documents.</summary>
    /// <param name="KnowsNames">Whether the catalogue's columns answer for names.</param>
    sealed record Prepared(string Sql, DynamicParameters Parameters, Condition? Rest, bool KnowsNames)
    {
        public DatasetColumn? Column(string field) => DatasetPlan.Find(field, KnowsNames);
    }

    public async Task<IReadOnlyList<JsonObject>> ListAsync(
        Principal principal,
        SciCatFilter filter,
        CancellationToken cancellationToken
    )
    {
        if (filter.Limit == 0)
            return [];
        var asked = await PrepareAsync(principal, filter.Where, cancellationToken);
        var sortsInSql = filter.Sort.All(sort => asked.Column(sort.Field) is not null);
        if (asked.Rest is null && sortsInSql)
        {
            var page = await RowsAsync(asked, filter.Sort, filter.Limit, filter.Skip, cancellationToken);
            return await LoadAsync(page, cancellationToken);
        }
        var found = new List<(long Row, JsonObject Document)>();
        var wanted = sortsInSql ? filter.Skip + filter.Limit : int.MaxValue;
        await foreach (
            var one in MatchesAsync(asked, sortsInSql ? filter.Sort : [], needsAll: !sortsInSql, cancellationToken)
        )
        {
            found.Add(one);
            if (found.Count == wanted)
                break;
        }
        if (!sortsInSql)
            found.Sort((left, right) => Compare(left, right, filter.Sort));
        return [.. found.Skip(filter.Skip).Take(filter.Limit).Select(one => one.Document)];
    }

    public async Task<long> CountAsync(Principal principal, Condition where, CancellationToken cancellationToken)
    {
        var asked = await PrepareAsync(principal, where, cancellationToken);
        if (asked.Rest is null)
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            return await connection.ExecuteScalarAsync<long>(
                $"SELECT COUNT(*) {From} WHERE {asked.Sql}",
                asked.Parameters
            );
        }
        var count = 0L;
        await foreach (var _ in MatchesAsync(asked, [], needsAll: true, cancellationToken))
            count++;
        return count;
    }

    /// <summary>How often each value of a field occurs; at most a thousand values.</summary>
    public async Task<IReadOnlyList<(JsonNode? Value, long Count)>> FacetAsync(
        Principal principal,
        Condition where,
        string field,
        CancellationToken cancellationToken
    )
    {
        const int MaxValues = 1_000;
        var asked = await PrepareAsync(principal, where, cancellationToken);
        var known = asked.Column(field);
        var (value, join) = field switch
        {
            "keywords" => ("l.label", " JOIN sequence_label l ON l.sequence_row = s.row AND l.kind = 'keyword'"),
            _ when known is null => (null, ""),
            "size" or "numberOfFiles" => (null, ""),
            _ when known.Kind == ColumnKind.Time => ($"({known.Sql} / 86400000000)", ""),
            _ => (known.Sql, ""),
        };
        if (asked.Rest is null && value is not null)
        {
            var kind = known?.Kind ?? ColumnKind.Text;
            await using var connection = await database.OpenAsync(cancellationToken);
            var rows = await connection.QueryAsync<(object Value, long Count)>(
                $"SELECT {value} AS value, COUNT(*) AS count {From}{join} WHERE {asked.Sql} GROUP BY {value} ORDER BY {value} DESC LIMIT {MaxValues}",
                asked.Parameters
            );
            return [.. rows.Select(row => (ValueOf(row.Value, kind), row.Count))];
        }
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        await foreach (var (_, document) in MatchesAsync(asked, [], needsAll: true, cancellationToken))
        {
            var values = MongoValues.At(document, field).Where(found => found is null or JsonValue);
            foreach (var text in values.Select(found => found?.ToJsonString() ?? "null").Distinct())
                counts[text] = counts.GetValueOrDefault(text) + 1;
        }
        return
        [
            .. counts
                .OrderByDescending(pair => pair.Key, StringComparer.Ordinal)
                .Take(MaxValues)
                .Select(pair => (JsonNode.Parse(pair.Key), pair.Value)),
        ];
    }

    static JsonNode? ValueOf(object value, ColumnKind kind)
    {
        switch (kind)
        {
            case ColumnKind.Bool:
                return Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture) != 0;
            case ColumnKind.Time:
                var day = DateTime.UnixEpoch.AddDays(
                    Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)
                );
                return new JsonObject
                {
                    ["year"] = day.Year,
                    ["month"] = day.Month,
                    ["day"] = day.Day,
                };
            default:
                return JsonValue.Create((string)value);
        }
    }

    /// <summary>Every path of the metadata that has a value in a dataset the caller may read, as far as the index knows.</summary>
    public async Task<IReadOnlyList<string>> MetadataKeysAsync(
        Principal principal,
        string? part,
        CancellationToken cancellationToken
    )
    {
        const int MaxKeys = 1_000;
        var (reader, position) = await feed.ReadAsync(cancellationToken);
        using (reader)
        {
            var may = await reach.OfAsync(principal, position, cancellationToken);
            using var found = reader.Find(may.Found);
            return
            [
                .. found
                    .Facet(IndexField.Path, 50_000)
                    .Select(term => KeywordTerm.ValueOf(term.Term))
                    .Where(path => part is null || path.Contains(part, StringComparison.OrdinalIgnoreCase))
                    .Distinct(StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal)
                    .Take(MaxKeys),
            ];
        }
    }

    async Task<Prepared> PrepareAsync(Principal principal, Condition where, CancellationToken cancellationToken)
    {
        var parameters = new DynamicParameters();
        var visible = await policy.VisibleToAsync(principal, cancellationToken);
        var (texts, rest) = Apart(where);
        var knowsNames = await names.AreKnownAsync(cancellationToken);
        var (sql, isExact) = DatasetPlan.Of(rest, parameters, knowsNames);
        sql = $"{visible.SequenceCondition(database.Dialect, parameters)} AND {sql}";
        // What SQL answers alone needs no index.
        var index = isExact ? null : DatasetIndexPlan.Of(rest);
        if (texts.Count > 0 || index is not null)
        {
            var narrowed = await NarrowAsync(principal, index, texts, cancellationToken);
            if (narrowed is null && texts.Count > 0)
                (rest, isExact) = (new AllConditions([rest, .. texts]), false);
            if (narrowed is not null)
                sql += " AND " + DatasetRecords.IsOneOf(database.Dialect, "s.row", "narrowed", narrowed, parameters);
        }
        return new Prepared(sql, parameters, isExact ? null : rest, knowsNames);
    }

    /// <summary>The rows the index finds, and those that changed since it was written as they are now; null where it cannot tell.</summary>
    async Task<List<long>?> NarrowAsync(
        Principal principal,
        IndexQuery? index,
        List<TextCondition> texts,
        CancellationToken cancellationToken
    )
    {
        if (feed.State.Phase != SearchPhase.Ready)
            return null;
        var (reader, position) = await feed.ReadAsync(cancellationToken);
        using (reader)
        {
            var may = await reach.OfAsync(principal, position, cancellationToken);
            List<IndexQuery> all = [may.Found, .. texts.Select(text => DatasetIndexPlan.Of(text, paths, clock))];
            if (index is not null)
                all.Add(index);
            using var found = reader.Find(IndexQuery.And(all));
            if (found.Count > MaxNarrowed)
                return texts.Count == 0 ? null : throw TooMany();
            var changed = await ChangedAsync(position, cancellationToken);
            if (changed.Count > MaxLookedAt)
                return texts.Count == 0 ? null : throw TooMany();
            var rows = found.Rows().Where(row => !changed.Contains(row)).ToList();
            if (texts.Count == 0)
                rows.AddRange(changed);
            else
                foreach (var chunk in changed.Chunk(AtOnce))
                foreach (var (row, document) in await documents.OfRowsAsync(chunk, cancellationToken))
                    if (texts.TrueForAll(text => text.Holds(document)))
                        rows.Add(row);
            return rows;
        }
    }

    async Task<HashSet<long>> ChangedAsync(long position, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return
        [
            .. await connection.QueryAsync<long>(
                "SELECT DISTINCT sequence_row FROM search_change WHERE position >= @position LIMIT @most",
                new { position, most = MaxLookedAt + 1 }
            ),
        ];
    }

    /// <summary>Those that fulfil all of it, in the order of SQL.</summary>
    /// <param name="needsAll">The caller cannot stop before the end, so too many are refused before the first is read.</param>
    async IAsyncEnumerable<(long Row, JsonObject Document)> MatchesAsync(
        Prepared asked,
        IReadOnlyList<(string Field, bool Descending)> sort,
        bool needsAll,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var rows = await RowsAsync(asked, sort, MaxLookedAt + 1, 0, cancellationToken);
        if (needsAll && rows.Count > MaxLookedAt)
            throw TooMany();
        for (var at = 0; at < rows.Count; at += AtOnce)
        {
            if (at >= MaxLookedAt)
                throw TooMany();
            var chunk = rows.GetRange(at, Math.Min(AtOnce, rows.Count - at));
            foreach (var one in await documents.OfRowsAsync(chunk, cancellationToken))
                if (asked.Rest is null || Holds(asked.Rest, one.Document))
                    yield return one;
        }
    }

    static bool Holds(Condition rest, JsonObject document)
    {
        try
        {
            return rest.Holds(document);
        }
        catch (System.Text.RegularExpressions.RegexMatchTimeoutException)
        {
            throw SciCatFault.Filter("This regular expression takes too long. Write a simpler one.");
        }
    }

    async Task<List<long>> RowsAsync(
        Prepared asked,
        IReadOnlyList<(string Field, bool Descending)> sort,
        int limit,
        int skip,
        CancellationToken cancellationToken
    )
    {
        var order = string.Concat(sort.Select(by => asked.Column(by.Field)!.Order(by.Descending) + ", "));
        var parameters = new DynamicParameters(asked.Parameters);
        parameters.Add("limit", limit);
        parameters.Add("skip", skip);
        await using var connection = await database.OpenAsync(cancellationToken);
        // The newest first, where nothing else was asked for.
        return (
            await connection.QueryAsync<long>(
                $"SELECT s.row {From} WHERE {asked.Sql} ORDER BY {order}s.row DESC LIMIT @limit OFFSET @skip",
                parameters
            )
        ).AsList();
    }

    async Task<IReadOnlyList<JsonObject>> LoadAsync(List<long> rows, CancellationToken cancellationToken)
    {
        var loaded = new List<JsonObject>();
        foreach (var chunk in rows.Chunk(AtOnce))
            loaded.AddRange((await documents.OfRowsAsync(chunk, cancellationToken)).Select(one => one.Document));
        return loaded;
    }

    /// <summary>Words are the index's matter, so they stand beside the rest and not within it.</summary>
    static (List<TextCondition> Texts, Condition Others) Apart(Condition where)
    {
        var texts = new List<TextCondition>();
        var rest = new List<Condition>();
        void Take(Condition part)
        {
            if (part is AllConditions all)
                foreach (var inner in all.Parts)
                    Take(inner);
            else if (part is TextCondition text)
                texts.Add(text);
            else if (HasText(part))
                throw SciCatFault.Filter(
                    "'$text' stands beside the other conditions, not inside of $or, $nor or $not."
                );
            else
                rest.Add(part);
        }
        Take(where);
        return (texts, new AllConditions(rest));
    }

    static bool HasText(Condition condition) =>
        condition switch
        {
            TextCondition => true,
            AllConditions all => all.Parts.Any(HasText),
            AnyCondition any => any.Parts.Any(HasText),
            NotCondition not => HasText(not.Part),
            ElementCondition element => HasText(element.Of),
            _ => false,
        };

    static int Compare(
        (long Row, JsonObject Document) left,
        (long Row, JsonObject Document) right,
        IReadOnlyList<(string Field, bool Descending)> sort
    )
    {
        foreach (var (field, descending) in sort)
        {
            var (a, b) = (First(left.Document, field), First(right.Document, field));
            var order = MongoValues.Compare(a, b, field) ?? Rank(a).CompareTo(Rank(b));
            if (order != 0)
                return descending ? -order : order;
        }
        return right.Row.CompareTo(left.Row);
    }

    static JsonNode? First(JsonObject document, string field) =>
        MongoValues.At(document, field).Find(value => value is not JsonArray);

    /// <summary>As MongoDB orders kinds: https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/.</summary>
    static int Rank(JsonNode? value) =>
        value?.GetValueKind() switch
        {
            null => 0,
            System.Text.Json.JsonValueKind.Number => 1,
            System.Text.Json.JsonValueKind.String => 2,
            System.Text.Json.JsonValueKind.Object => 3,
            System.Text.Json.JsonValueKind.False => 4,
            _ => 5,
        };

    static Faults.FaultException TooMany() =>
        SciCatFault.Filter(
            $"This would look at more than {MaxLookedAt} datasets one by one. Narrow it by proposal, instrument, time or a value of the metadata, or sort by one of {string.Join(", ", DatasetPlan.Fields)}."
        );
}
