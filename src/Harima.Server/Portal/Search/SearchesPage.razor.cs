using Harima.Mail;
using Harima.Search.Saved;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Search;

partial class SearchesPage
{
    const int DeliveriesShown = 10;

    IReadOnlyList<SavedSearch> _searches = [];
    readonly Dictionary<string, IReadOnlyList<SearchDelivery>> _told = [];
    string? _secret;
    SearchDelivery? _tested;

    [Inject]
    SavedSearches Searches { get; set; } = null!;

    [Inject]
    SearchNotices Notices { get; set; } = null!;

    [Inject]
    SendMail Mail { get; set; } = null!;

    /// <summary>The one that was just deleted, and can be had back.</summary>
    [SupplyParameterFromQuery(Name = "deleted")]
    string? Deleted { get; set; }

    [SupplyParameterFromQuery(Name = "done")]
    string? Done { get; set; }

    string? Posted => Field("search");

    protected override Task OnInitializedAsync() => LoadAsync();

    async Task LoadAsync()
    {
        _searches = await Searches.ListAsync(Visitor.Principal, Aborted);
        foreach (var search in _searches.Where(search => search.Notify != SearchNotice.None))
            _told[search.Id] = await Notices.DeliveriesAsync(Visitor.Principal, search.Id, DeliveriesShown, Aborted);
    }

    SearchDelivery? LastProblem(SavedSearch search) =>
        _told[search.Id] is [{ Problem: not null } last, ..] ? last : null;

    string ProblemOf(SearchDelivery delivery) =>
        delivery.Problem is ['h', 't', 't', 'p', '-', .. var status]
            ? T["Saved.Problem.http", status]
            : T["Saved.Problem." + delivery.Problem];

    string NoticeOf(SavedSearch search) =>
        search.Notify == SearchNotice.None ? T["Saved.NotTold"]
        : search.Paused ? T["Saved.Paused"]
        : T["Saved.Told." + search.Notify, search.Target];

    async Task ChangeAsync(SavedSearch search)
    {
        var notify = Enum.TryParse<SearchNotice>(Field("notify"), out var known) ? known : SearchNotice.None;
        string? secret = null;
        var done = await TryAsync(async () =>
            (_, secret) = await Searches.SaveAsync(
                new SaveSearchRequest(
                    search.Id,
                    Field("title") ?? "",
                    search.Query,
                    search.Sort,
                    search.Descending,
                    search.Columns,
                    search.View,
                    notify,
                    notify == SearchNotice.Webhook ? Field("target")?.Trim() : null,
                    Field("paused") == "yes",
                    search.Plot
                ),
                Visitor.Principal,
                Aborted
            )
        );
        if (!done)
            return;
        if (secret is null)
            Navigation.NavigateTo("/searches?done=changed");
        // Shown only now, so on this very answer.
        _secret = secret;
        await LoadAsync();
    }

    async Task TestAsync(SavedSearch search)
    {
        if (await TryAsync(async () => _tested = await Notices.SendTestAsync(Visitor.Principal, search.Id, Aborted)))
            await LoadAsync();
    }

    async Task DeleteAsync(string id)
    {
        await Searches.DeleteAsync(Visitor.Principal, id, Aborted);
        Navigation.NavigateTo("/searches?deleted=" + Uri.EscapeDataString(id));
    }

    async Task RestoreAsync()
    {
        if (await TryAsync(() => Searches.RestoreAsync(Visitor.Principal, Deleted ?? "", Aborted)))
            Navigation.NavigateTo("/searches");
    }

    string? Field(string name) =>
        Context.Request.HasFormContentType ? Context.Request.Form[name].FirstOrDefault() : null;
}
