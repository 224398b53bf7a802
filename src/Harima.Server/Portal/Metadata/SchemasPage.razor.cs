using Harima.Metadata;
using Harima.Metadata.Schemas;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Metadata;

partial class SchemasPage
{
    IReadOnlyList<MetadataSchema> _schemas = [];
    bool _administrator;

    [Inject]
    MetadataSchemas Schemas { get; set; } = null!;

    [Inject]
    RegisterSchema Register { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "done")]
    string? Done { get; set; }

    [SupplyParameterFromForm(FormName = "register")]
    string? Id { get; set; }

    [SupplyParameterFromForm(FormName = "register")]
    string? Kind { get; set; }

    [SupplyParameterFromForm(FormName = "register")]
    string? Technique { get; set; }

    [SupplyParameterFromForm(FormName = "register")]
    string? Instrument { get; set; }

    [SupplyParameterFromForm(FormName = "register")]
    bool General { get; set; }

    [SupplyParameterFromForm(FormName = "register")]
    string? Json { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _administrator = await Visitor.IsAdministratorAsync();
        _schemas = await Schemas.ListAsync(retired: _administrator, Aborted);
    }

    async Task RegisterAsync()
    {
        var kind = Enum.TryParse<MetadataKind>(Kind, out var known) ? known : MetadataKind.Measurement;
        var request = new RegisterSchemaRequest(
            (Id ?? "").Trim(),
            kind,
            Technique ?? "",
            Instrument ?? "",
            null,
            null,
            Json ?? "",
            General
        );
        if (await TryAsync(() => Register.HandleAsync(request, Visitor.Principal, Aborted)))
            Navigation.NavigateTo("/schemas?done=registered");
    }

    async Task MakeGeneralAsync(MetadataSchema schema)
    {
        if (await TryAsync(() => Register.MakeGeneralAsync(schema.Id, Visitor.Principal, Aborted)))
            Navigation.NavigateTo("/schemas?done=changed");
    }

    async Task RetireAsync(MetadataSchema schema)
    {
        if (
            await TryAsync(() =>
                Register.RetireAsync(schema.Id, schema.Version, schema.RetiredAt is null, Visitor.Principal, Aborted)
            )
        )
            Navigation.NavigateTo("/schemas?done=changed");
    }
}
