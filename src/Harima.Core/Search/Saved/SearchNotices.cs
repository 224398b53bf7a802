using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Search.Query;
using Harima.Sequences;

namespace Harima.Search.Saved;

/// <summary>What the bell tells of a saved search.</summary>
/// <param name="Newest">The newest of what was found then, as far as its reader may see it now.</param>
public sealed record SearchBell(SearchDelivery Delivery, string Title, IReadOnlyList<SequenceSummary> Newest);

/// <summary>What was told of the caller's saved searches: what arrived, what did not, and a test.</summary>
public sealed class SearchNotices
{
    const int NamedByTheBell = 5;
    static readonly TimeSpan BetweenTests = TimeSpan.FromSeconds(10);

    readonly SavedSearches _searches;
    readonly WatchSearches _watches;
    readonly ToldSearches _told;
    readonly SearchSession _session;
    readonly SequenceQueries _sequences;
    readonly TimeProvider _time;

    internal SearchNotices(
        SavedSearches searches,
        WatchSearches watches,
        ToldSearches told,
        SearchSession session,
        SequenceQueries sequences,
        TimeProvider time
    ) =>
        (_searches, _watches, _told, _session, _sequences, _time) = (searches, watches, told, session, sequences, time);

    /// <summary>The last messages about one of the caller's own, newest first.</summary>
    /// <exception cref="FaultException">Unauthenticated; NotFound.</exception>
    public async Task<IReadOnlyList<SearchDelivery>> DeliveriesAsync(
        Principal principal,
        string id,
        int most,
        CancellationToken cancellationToken
    ) => await _told.OfAsync((await MineAsync(principal, id, cancellationToken)).Id, most, cancellationToken);

    /// <summary>Sends a message that tells of nothing, the way the others go.</summary>
    /// <returns>How it went: a failure is an answer here.</returns>
    /// <exception cref="FaultException">Unauthenticated; NotFound; Invalid where the search tells nothing; Conflict for a test at once after another.</exception>
    public async Task<SearchDelivery> SendTestAsync(Principal principal, string id, CancellationToken cancellationToken)
    {
        var search = await MineAsync(principal, id, cancellationToken);
        if (search.Notify == SearchNotice.None)
            throw Fault.Invalid("search-tells-nothing", "This search tells nobody. Choose how first.");
        if (
            await _told.OfAsync(id, 1, cancellationToken) is [{ IsTest: true } last]
            && _time.GetUtcNow() - last.At < BetweenTests
        )
            throw Fault.Conflict("test-too-soon", "A test was sent a moment ago. Wait ten seconds.");
        return await _watches.SendTestAsync(id, cancellationToken);
    }

    /// <summary>What the caller's bell tells, newest first.</summary>
    public async Task<Page<SearchBell>> BellAsync(
        Principal principal,
        bool unseen,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        if (principal.UserId is not { } owner)
            return new Page<SearchBell>([], null);
        var before = Cursor.IdOf(cursor) ?? long.MaxValue;
        var told = await _told.BellAsync(owner, unseen, before, limit + 1, cancellationToken);
        if (told.Count == 0)
            return new Page<SearchBell>([], null);
        using var asked = await _session.AskAsync(SearchQuery.Everything, null, principal, cancellationToken);
        var bells = new List<SearchBell>();
        foreach (var (delivery, title, rows) in told)
            bells.Add(
                new SearchBell(
                    delivery,
                    title,
                    await _sequences.OfRowsAsync(
                        asked.Rights,
                        [.. rows.Reverse().Take(NamedByTheBell)],
                        cancellationToken
                    )
                )
            );
        return Page.Of(bells, limit, last => [last.Delivery.Id]);
    }

    /// <summary>How much of it the caller has not seen, counted up to <paramref name="most"/>.</summary>
    public async Task<long> UnseenAsync(Principal principal, int most, CancellationToken cancellationToken) =>
        principal.UserId is { } owner ? await _told.UnseenAsync(owner, most, cancellationToken) : 0;

    /// <param name="id">Null for everything.</param>
    public Task SeenAsync(Principal principal, long? id, CancellationToken cancellationToken) =>
        principal.UserId is { } owner ? _told.SeenAsync(owner, id, cancellationToken) : Task.CompletedTask;

    async Task<SavedSearch> MineAsync(Principal principal, string id, CancellationToken cancellationToken)
    {
        var owner = principal.UserId ?? throw Fault.LoginNeeded();
        var search = await _searches.GetAsync(principal, id, cancellationToken);
        return search.Owner == owner ? search : throw Fault.NotFound("Saved search", id);
    }
}
