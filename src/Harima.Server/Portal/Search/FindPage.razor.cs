using System.Globalization;
using Harima.Faults;
using Harima.Portal.Faults;
using Harima.Search;
using Harima.Search.Query;
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

    FindState _state = new(SearchQuery.Everything, FindState.DefaultSort, false, null);
    FindResult? _found;
    IReadOnlyList<string> _pages = [];
    string? _refusal;
    int? _place;

    [Inject]
    FindSequences Find { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "q")]
    string? Text { get; set; }

    [SupplyParameterFromQuery(Name = "sort")]
    string? SortText { get; set; }

    [SupplyParameterFromQuery(Name = "view")]
    string? View { get; set; }

    [SupplyParameterFromQuery(Name = "histogram")]
    string? Histogram { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    string[]? Pages { get; set; }

    protected override async Task OnInitializedAsync()
    {
        var sort = SortText?.TrimStart('-') is { Length: > 0 } ? SortText : FindState.DefaultSort;
        _state = _state with { Sort = sort, AsCards = View == "cards", Histogram = Histogram };
        _pages = [.. (Pages ?? []).Where(page => page.Length > 0).TakeLast(PagesBack)];
        try
        {
            var request = FindRequest.Of(Text ?? "");
            _state = _state with { Query = request.Query };
            request = request with
            {
                Sort = sort.TrimStart('-'),
                Descending = sort.StartsWith('-'),
                Cursor = _pages.Count > 0 ? _pages[^1] : null,
                Limit = PageLength,
                Facets = Facets,
                Histograms = HistogramPanel.Fields,
                Columns = FoundSequences.Columns,
            };
            _found = await Find.HandleAsync(request, Visitor.Principal, Aborted);
        }
        catch (FaultException fault) when (fault.Code is FaultCode.Invalid or FaultCode.Conflict)
        {
            _refusal = FaultText.Of(fault, Words);
            _place = PlaceOf(fault);
            Context.Response.StatusCode = FaultPages.StatusOf(fault.Code);
        }
    }

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
