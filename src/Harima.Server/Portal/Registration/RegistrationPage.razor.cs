using Harima.Catalogue;
using Harima.Faults;
using Harima.Portal.Faults;
using Harima.Registration;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Registration;

partial class RegistrationPage
{
    const int PageLength = 50;

    IReadOnlyList<string> _roots = [];
    Page<RegisteredTree> _trees = new([], null);
    long _withoutSums;
    RegistrationPreview? _preview;
    string? _refusal;
    RegisteredTree? _shown;
    Page<Finding>? _findings;

    [Inject]
    RegistrationQueries Queries { get; set; } = null!;

    [Inject]
    RegisterFolder Register { get; set; } = null!;

    [Inject]
    RescanFolder Rescan { get; set; } = null!;

    [Inject]
    RemoveRegistration Remove { get; set; } = null!;

    [Inject]
    ChangePatterns Change { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "path")]
    string? FolderPath { get; set; }

    [SupplyParameterFromQuery(Name = "proposal")]
    string? Proposal { get; set; }

    [SupplyParameterFromQuery(Name = "sequence")]
    string? SequenceId { get; set; }

    [SupplyParameterFromQuery(Name = "level")]
    int Level { get; set; }

    /// <summary>Patterns, one a line or with blanks between them.</summary>
    [SupplyParameterFromQuery(Name = "include")]
    string? Include { get; set; }

    [SupplyParameterFromQuery(Name = "exclude")]
    string? Exclude { get; set; }

    /// <summary>Of which registration the findings are shown.</summary>
    [SupplyParameterFromQuery(Name = "id")]
    string? Id { get; set; }

    [SupplyParameterFromQuery(Name = "after")]
    string? FindingsCursor { get; set; }

    [SupplyParameterFromQuery(Name = "cursor")]
    string? ListCursor { get; set; }

    [SupplyParameterFromQuery(Name = "done")]
    string? Done { get; set; }

    bool IsRunning =>
        _withoutSums > 0
        || _trees.Items.Any(tree => tree.State is RegistrationState.Running or RegistrationState.Removing);

    RegisterRequest Request =>
        new(FolderPath ?? "", Proposal ?? "", SequenceId, Level, PatternsIn(Include), PatternsIn(Exclude));

    bool IsPosted => Context.Request.HasFormContentType;

    /// <summary>Whoever sees a registration may; while it is looked through or taken back, later.</summary>
    static bool MayChangePatterns(RegisteredTree tree) =>
        tree.State is not (RegistrationState.Running or RegistrationState.Removing);

    /// <summary>As it was sent, so that what is refused need not be typed again.</summary>
    string? Field(string name) => IsPosted ? Context.Request.Form[name].FirstOrDefault() : null;

    static string[] PatternsIn(string? text) =>
        (text ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    static string PatternsOf(RegisteredTree tree) =>
        string.Join("  ", tree.Patterns.Include.Concat(tree.Patterns.Exclude.Select(pattern => "!" + pattern)));

    protected override async Task OnInitializedAsync()
    {
        _roots = await Queries.RootsAsync(Visitor.Principal, Aborted);
        _trees = await Queries.ListAsync(Visitor.Principal, ListCursor, PageLength, Aborted);
        _withoutSums = await Queries.WithoutSumsAsync(Visitor.Principal, Aborted);
        if (!string.IsNullOrEmpty(Id))
        {
            _shown = await Queries.GetAsync(Id, Visitor.Principal, Aborted);
            _findings = await Queries.FindingsAsync(Id, Visitor.Principal, FindingsCursor, PageLength, Aborted);
        }
        // The form that is sent names its request by the same address; looking at a large tree twice would take twice as long.
        if (!string.IsNullOrEmpty(FolderPath) && HttpMethods.IsGet(Context.Request.Method))
            await PreviewAsync();
        else if (!string.IsNullOrEmpty(FolderPath))
            _preview = new RegistrationPreview(FolderPath, Proposal ?? "", [], 0, 0, 0, [], 0, 0, true);
    }

    async Task PreviewAsync()
    {
        try
        {
            _preview = await Register.PreviewAsync(Request, Visitor.Principal, Aborted);
        }
        // What is wrong with the address of a folder or a proposal is said beside the form, not on a page of its own.
        catch (FaultException fault)
        {
            _refusal = FaultText.Of(fault, Words);
        }
    }

    async Task RegisterAsync()
    {
        if (await TryAsync(() => Register.HandleAsync(Request, Visitor.Principal, Aborted)))
            Navigation.NavigateTo("/registration?done=started");
    }

    async Task ChangeAsync(RegisteredTree tree)
    {
        var (done, change) = tree.State switch
        {
            RegistrationState.Running => ("cancelled", Rescan.CancelAsync(tree.Id, Visitor.Principal, Aborted)),
            RegistrationState.Done => ("rescanned", Rescan.HandleAsync(tree.Id, Visitor.Principal, Aborted)),
            _ => ("continued", Rescan.ContinueAsync(tree.Id, Visitor.Principal, Aborted)),
        };
        if (await TryAsync(() => change))
            Navigation.NavigateTo("/registration?done=" + done);
    }

    async Task BringBackAsync(RegisteredTree tree)
    {
        if (await TryAsync(() => Rescan.HandleAsync(tree.Id, Visitor.Principal, Aborted, bringBack: true)))
            Navigation.NavigateTo("/registration?done=brought-back");
    }

    async Task ChangePatternsAsync()
    {
        var (include, exclude) = (PatternsIn(Field("Include")), PatternsIn(Field("Exclude")));
        if (await TryAsync(() => Change.HandleAsync(Id ?? "", include, exclude, Visitor.Principal, Aborted)))
            Navigation.NavigateTo(Address.Of("/registration", ("id", Id), ("done", "patterns")));
    }

    async Task RemoveAsync(RegisteredTree tree)
    {
        if (await TryAsync(() => Remove.HandleAsync(tree.Id, Visitor.Principal, Aborted)))
            Navigation.NavigateTo("/registration?done=removed");
    }

    string ReasonOf(RegisteredTree tree) =>
        Words.Find("Registration.Failed." + tree.Reason) ?? Words["Registration.Failed", tree.Reason ?? ""];
}
