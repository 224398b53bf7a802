using System.Globalization;
using System.Text.Json;
using Harima.Faults;
using Harima.Mail;
using Harima.Portal.Faults;
using Harima.Portal.Sequences;
using Harima.Search;
using Harima.Search.Query;
using Harima.Search.Saved;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Search;

partial class FindPage
{
    const int PageLength = 25;

    // The way back is in the address; beyond this many pages it would no longer be taken by every proxy.
    const int PagesBack = 40;

    static readonly string[] Facets =
    [
        "technique",
        "beamline",
        "proposal",
        "year",
        "element",
        "keyword",
        "tag",
        "schema",
        "type",
        "status",
        "owner",
        "visibility",
    ];

    static readonly string[] Sorts =
    [
        "-date",
        "date",
        "-size",
        "size",
        "id",
        "proposal",
        "owner",
        "beamline",
        "technique",
    ];

    static readonly string[] ExportFormats = ["csv", "xlsx", "json"];

    static readonly (string Key, string Query)[] Examples =
    [
        ("Words", "触媒 XAFS"),
        ("Field", "technique:XAFS"),
        ("FieldJa", "手法:XAFS"),
        ("Range", "energy:11.5..12.1keV"),
        ("Date", "date:2026-04"),
        ("Element", "元素:鉄"),
        ("File", "file:*.cbf"),
        ("Path", "sample.chemical_formula:CeO2"),
        ("Either", "technique:(XAFS OR SAXS)"),
        ("Not", "NOT status:open"),
    ];

    FindState _state = new(SearchQuery.Everything);
    FindResult? _found;
    IReadOnlyList<string> _pages = [];
    IReadOnlyList<TermShare> _shares = [];
    IReadOnlyList<SavedSearch> _searches = [];
    IReadOnlyList<ColumnSet>? _sets;
    SavedSearch? _opened;
    string _commands = "[]";
    string? _refusal;
    int? _place;

    [Inject]
    FindSequences Find { get; set; } = null!;

    [Inject]
    ExplainNothing Explain { get; set; } = null!;

    [Inject]
    SavedSearches Searches { get; set; } = null!;

    [Inject]
    SendMail Mail { get; set; } = null!;

    [Inject]
    ColumnSets Sets { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "q")]
    string? Text { get; set; }

    [SupplyParameterFromQuery(Name = "sort")]
    string? SortText { get; set; }

    [SupplyParameterFromQuery(Name = "view")]
    string? View { get; set; }

    [SupplyParameterFromQuery(Name = "columns")]
    string? ColumnsText { get; set; }

    [SupplyParameterFromQuery(Name = "histogram")]
    string? Histogram { get; set; }

    [SupplyParameterFromQuery(Name = "x")]
    string? X { get; set; }

    [SupplyParameterFromQuery(Name = "y")]
    string? Y { get; set; }

    [SupplyParameterFromQuery(Name = "log")]
    string? Log { get; set; }

    [SupplyParameterFromQuery(Name = "saved")]
    string? Saved { get; set; }

    [SupplyParameterFromQuery(Name = "done")]
    string? Done { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    string[]? Pages { get; set; }

    /// <summary>A range of this field takes the place of the one in the question.</summary>
    [SupplyParameterFromQuery(Name = "narrow")]
    string? Narrow { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    string? From { get; set; }

    [SupplyParameterFromQuery(Name = "to")]
    string? To { get; set; }

    [SupplyParameterFromQuery(Name = "below")]
    string? Below { get; set; }

    [SupplyParameterFromForm(FormName = "save-search", Name = "title")]
    string? Title { get; set; }

    [SupplyParameterFromForm(FormName = "save-search", Name = "notify")]
    string? Notify { get; set; }

    [SupplyParameterFromForm(FormName = "save-search", Name = "update")]
    string? Update { get; set; }

    [SupplyParameterFromForm(FormName = "save-columns", Name = "columnSet")]
    string? ColumnSetTitle { get; set; }

    bool MayUpdate => _opened is not null && _opened.Owner == Visitor.UserId;

    /// <summary>The whole periodic table is a view of its own; beside what was found stand the most frequent.</summary>
    IReadOnlyList<Facet> SideFacets =>
        [.. _found!.Facets.Select(facet => facet with { Values = [.. facet.Values.Take(30)] })];

    string SelectAllAddress =>
        Address.Of(
            "/api/v1/search",
            ("q", _state.Text),
            ("sort", _state.Sort.TrimStart('-')),
            ("descending", _state.Sort.StartsWith('-') ? "true" : "false")
        );

    protected override async Task OnInitializedAsync()
    {
        _state = _state with
        {
            Sort = SortText?.TrimStart('-') is { Length: > 0 } ? SortText : FindState.DefaultSort,
            View = FindState.Views.Any(known => known.View == View) ? View! : FindState.DefaultView,
            Histogram = Histogram,
            X = X,
            Y = Y,
            Log = Log,
            Saved = Saved,
        };
        _pages = [.. (Pages ?? []).Where(page => page.Length > 0).TakeLast(PagesBack)];
        _commands = JsonSerializer.Serialize(
            DownloadCommands.For(Addresses.PortalOf(Context), S3Address, Addresses.Region, T)
        );
        await LoadOwnAsync();
        _state = _state.WithUsual(_sets?.FirstOrDefault(set => set.Title == ColumnSet.LastUsed)?.Columns, ColumnsText);
        try
        {
            var request = FindRequest.Of(Text ?? "");
            _state = _state with { Query = request.Query };
            if (!string.IsNullOrWhiteSpace(Narrow))
            {
                Navigation.NavigateTo(_state.Narrowed(Narrow.Trim(), Given(From), Given(To), Given(Below)).Here);
                return;
            }
            await FindAsync(request);
        }
        catch (FaultException fault) when (fault.Code is FaultCode.Invalid or FaultCode.Conflict)
        {
            _refusal = FaultText.Of(fault, Words);
            _place = PlaceOf(fault);
            Context.Response.StatusCode = FaultPages.StatusOf(fault.Code);
        }
    }

    async Task LoadOwnAsync()
    {
        if (Visitor.IsAnonymous)
            return;
        _searches = await Searches.ListAsync(Visitor.Principal, Aborted);
        _sets = await Sets.ListAsync(Visitor.Principal, Aborted);
        _opened = _searches.FirstOrDefault(search => search.Id == Saved);
    }

    async Task FindAsync(FindRequest request)
    {
        request = request with
        {
            Sort = _state.Sort.TrimStart('-'),
            Descending = _state.Sort.StartsWith('-'),
            Cursor = _pages.Count > 0 ? _pages[^1] : null,
            Limit = PageLength,
            Facets = Facets,
            Histograms = [.. HistogramPanel.Fields, .. Histogram is null ? (string[])[] : [Histogram]],
            Columns = [.. _state.Columns, .. _state.View == "cards" ? FoundSequences.OfCards : []],
        };
        _found = await Find.HandleAsync(request, Visitor.Principal, Aborted);
        if (_found.Count.Count == 0)
            _shares = await Explain.HandleAsync(request.Query, Visitor.Principal, Aborted);
    }

    /// <summary>An address to call is asked for on the page of saved searches.</summary>
    IEnumerable<SearchNotice> NoticesOffered =>
        Enum.GetValues<SearchNotice>()
            .Where(notice =>
                notice == _opened?.Notify
                || notice is SearchNotice.None or SearchNotice.Bell
                || notice == SearchNotice.Mail && Mail.IsSetUp
            );

    SearchNotice? PostedNotice =>
        Enum.TryParse<SearchNotice>(Notify, out var notice) && Enum.IsDefined(notice) ? notice : null;

    async Task SaveSearchAsync()
    {
        SavedSearch? saved = null;
        var kept = Update == "yes" && MayUpdate ? _opened : null;
        if (
            await TryAsync(async () =>
                (saved, _) = await Searches.SaveAsync(
                    new SaveSearchRequest(
                        kept?.Id,
                        Title ?? "",
                        _state.Text,
                        _state.Sort.TrimStart('-'),
                        _state.Sort.StartsWith('-'),
                        _state.Columns,
                        _state.View,
                        PostedNotice ?? kept?.Notify ?? SearchNotice.None,
                        kept?.Target,
                        kept?.Paused ?? false,
                        new PlotAxes(_state.X, _state.Y, _state.Log)
                    ),
                    Visitor.Principal,
                    Aborted
                )
            )
        )
        {
            var address = (_state with { Saved = saved!.Id }).Here;
            Navigation.NavigateTo(address + "&done=saved");
        }
    }

    async Task SaveColumnsAsync()
    {
        if (await TryAsync(() => Sets.PutAsync(Visitor.Principal, ColumnSetTitle ?? "", _state.Columns, Aborted)))
            Navigation.NavigateTo(_state.Here);
    }

    async Task DeleteColumnsAsync(string title)
    {
        if (await TryAsync(() => Sets.DeleteAsync(Visitor.Principal, title, Aborted)))
            Navigation.NavigateTo(_state.Here);
    }

    static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    /// <summary>Where in the question, from 0; its end where something is missing there.</summary>
    int? PlaceOf(FaultException fault) =>
        Text is { Length: > 0 }
        && fault.Fields.TryGetValue("position", out var position)
        && int.TryParse(position, CultureInfo.InvariantCulture, out var at)
            ? Math.Clamp(at - 1, 0, Text.Length)
            : null;

    string CountText(SearchCount count) =>
        T[
            count.IsMore ? "Find.CountMore"
            : count.Count == 1 ? "Find.Count.One"
            : "Find.Count",
            Show.Count(count.Count)
        ];
}
