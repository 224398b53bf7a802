using System.Collections.Concurrent;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Identity;
using Harima.Search.Index;

namespace Harima.Search;

/// <summary>What one principal may find in one state of the index, exactly as the catalogue has it now.</summary>
/// <param name="Found">Which documents they may see; part of every question, so nothing else shows in any answer.</param>
/// <param name="Everyone">Which documents are open to everyone.</param>
/// <param name="Rights">The same for the SQL that reads the rows of a page.</param>
sealed record Reach(IndexQuery Found, IndexQuery Everyone, Visible Rights);

/// <summary>
/// Brings rights into questions. The index lags behind the catalogue; rights do not: proposals, beamlines and personal shares are
/// looked up under the access generation, and the sequences whose reach changed since the index was written (opened to everyone,
/// limited again, moved, deleted) are a short list that the catalogue answers for, one by one.
/// </summary>
sealed class SearchReach(Database database, Policy policy, AccessGeneration generation)
{
    const int MostRemembered = 2_000;

    readonly AccessCache<(Principal, long), Reach> _cache = new(MostRemembered);

    // What a person may see apart from the last moments, while their rights stay what they are: the index keeps its answer with the
    // object. The generation moves all the time in a busy facility; the rights of one person seldom do.
    readonly ConcurrentDictionary<Principal, Held> _held = new();

    static readonly IndexQuery EveryoneOfIndex = IndexQuery.Remembered(
        IndexQuery.Prefix(IndexField.Visibility, KeywordTerm.PrefixOf("everyone"))
    );

    /// <param name="position">Before which the index that is asked holds every change.</param>
    public async Task<Reach> OfAsync(Principal principal, long position, CancellationToken cancellationToken)
    {
        var who = principal.Deciding;
        var now = await generation.NowAsync(cancellationToken);
        if (_cache.Find(now, (who, position)) is { } known)
            return known;
        var rights = await policy.VisibleToAsync(principal, cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        var personal =
            rights.Sequences.Count == 0
                ? []
                : (
                    await connection.QueryAsync<long>(
                        """
                        SELECT DISTINCT s.row FROM access_grant g JOIN sequence s ON s.ref = g.id
                        WHERE g.subject = @subject AND g.kind = 'sequence' ORDER BY s.row
                        """,
                        new { subject = Principal.SubjectOf(principal.UserId!) }
                    )
                ).ToArray();
        var settled = Settled(who, rights, personal);
        var parameters = new DynamicParameters();
        parameters.Add("position", position);
        var unsettled = (
            await connection.QueryAsync<Unsettled>(
                $"""
                SELECT c.sequence_row, s.row IS NOT NULL AND {rights.SequenceCondition(
                    database.Dialect,
                    parameters
                )} AS may_see,
                    EXISTS (SELECT 1 FROM access_grant v WHERE v.kind = 'sequence' AND v.id = s.ref AND v.subject = 'everyone') AS everyone
                FROM (SELECT DISTINCT sequence_row FROM search_change WHERE position >= @position AND reach) c
                LEFT JOIN sequence s ON s.row = c.sequence_row ORDER BY c.sequence_row
                """,
                parameters
            )
        ).AsList();
        var reach = new Reach(
            Corrected(settled, unsettled, row => row.MaySee),
            Corrected(EveryoneOfIndex, unsettled, row => row.Everyone),
            rights
        );
        _cache.Add(now, (who, position), reach);
        return reach;
    }

    IndexQuery Settled(Principal who, Visible rights, long[] personal)
    {
        if (rights.Everything)
            return IndexQuery.All;
        if (_held.TryGetValue(who, out var held) && held.Fits(rights, personal))
            return held.Query;
        var query = IndexQuery.Remembered(
            IndexQuery.Or(
                EveryoneOfIndex,
                IndexQuery.AnyOf(IndexField.Proposal, [.. rights.Proposals.Select(KeywordTerm.Of)]),
                IndexQuery.AnyOf(IndexField.Beamline, [.. rights.Beamlines.Select(KeywordTerm.Of)]),
                IndexQuery.Rows(personal)
            )
        );
        if (_held.Count >= MostRemembered)
            _held.Clear();
        _held[who] = new Held(rights, personal, query);
        return query;
    }

    static IndexQuery Corrected(IndexQuery settled, List<Unsettled> unsettled, Func<Unsettled, bool> belongs)
    {
        if (unsettled.Count == 0)
            return settled;
        return IndexQuery.Or(
            IndexQuery.And(settled, IndexQuery.Not(IndexQuery.Rows([.. unsettled.Select(row => row.SequenceRow)]))),
            IndexQuery.Rows([.. unsettled.Where(belongs).Select(row => row.SequenceRow)])
        );
    }

    sealed record Held(Visible Rights, long[] Personal, IndexQuery Query)
    {
        public bool Fits(Visible rights, long[] personal) =>
            Rights.Everything == rights.Everything
            && Rights.Proposals.SequenceEqual(rights.Proposals)
            && Rights.Beamlines.SequenceEqual(rights.Beamlines)
            && Personal.AsSpan().SequenceEqual(personal);
    }

    sealed class Unsettled
    {
        public long SequenceRow { get; init; }
        public bool MaySee { get; init; }
        public bool Everyone { get; init; }
    }
}
