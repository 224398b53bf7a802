using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harima.Rest;

/// <summary>How everything of the contract is written: camelCase, enums as lower-case words, times ISO 8601 in UTC.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    NumberHandling = JsonNumberHandling.Strict,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(ProblemDto))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(LoginDto))]
[JsonSerializable(typeof(MeDto))]
[JsonSerializable(typeof(ItemsDto<PersonDto>))]
[JsonSerializable(typeof(ItemsDto<TokenDto>))]
[JsonSerializable(typeof(CreateTokenRequest))]
[JsonSerializable(typeof(TokenCreatedDto))]
[JsonSerializable(typeof(ItemsDto<AccessKeyDto>))]
[JsonSerializable(typeof(CreateAccessKeyRequest))]
[JsonSerializable(typeof(AccessKeyCreatedDto))]
[JsonSerializable(typeof(SessionCredentialsRequest))]
[JsonSerializable(typeof(CredentialsDto))]
[JsonSerializable(typeof(FacilityDto))]
[JsonSerializable(typeof(ItemsDto<BeamlineDto>))]
[JsonSerializable(typeof(PutBeamlineRequest))]
[JsonSerializable(typeof(PageDto<ProposalDto>))]
[JsonSerializable(typeof(ItemsDto<ProposalPersonDto>))]
[JsonSerializable(typeof(PageDto<FileReadDto>))]
[JsonSerializable(typeof(NewProposalDto))]
[JsonSerializable(typeof(PageDto<SequenceDto>))]
[JsonSerializable(typeof(NewSequenceDto))]
[JsonSerializable(typeof(PageDto<FileDto>))]
[JsonSerializable(typeof(FileFactsDto))]
[JsonSerializable(typeof(PageDto<HistoryDto>))]
[JsonSerializable(typeof(AccessDto))]
[JsonSerializable(typeof(ShareRequest))]
[JsonSerializable(typeof(SharedDto))]
[JsonSerializable(typeof(VisibilityDto))]
[JsonSerializable(typeof(PageDto<MetadataChangeDto>))]
[JsonSerializable(typeof(MetadataCheckDto))]
[JsonSerializable(typeof(ExtractionDto))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(ImportedMetadataDto))]
[JsonSerializable(typeof(PageDto<SampleDto>))]
[JsonSerializable(typeof(SampleDetailDto))]
[JsonSerializable(typeof(PutSampleDto))]
[JsonSerializable(typeof(PageDto<SampleChangeDto>))]
[JsonSerializable(typeof(ItemsDto<SampleLinkDto>))]
[JsonSerializable(typeof(AcceptRequest))]
[JsonSerializable(typeof(AcceptedDto))]
[JsonSerializable(typeof(ItemsDto<WorkspaceDto>))]
[JsonSerializable(typeof(NewWorkspaceDto))]
[JsonSerializable(typeof(ItemsDto<WorkspaceAccessEntryDto>))]
[JsonSerializable(typeof(CreateArchiveRequest))]
[JsonSerializable(typeof(ArchiveDto))]
[JsonSerializable(typeof(StorageDto))]
[JsonSerializable(typeof(PageDto<DamagedFileDto>))]
[JsonSerializable(typeof(FileCheckDto))]
[JsonSerializable(typeof(PageDto<UnfinishedUploadDto>))]
[JsonSerializable(typeof(SearchResultDto))]
[JsonSerializable(typeof(SearchRequestDto))]
[JsonSerializable(typeof(SearchQueryDto))]
[JsonSerializable(typeof(ItemsDto<SearchFieldDto>))]
[JsonSerializable(typeof(ItemsDto<PathCompletionDto>))]
[JsonSerializable(typeof(ItemsDto<FacetValueDto>))]
[JsonSerializable(typeof(PlotDto))]
[JsonSerializable(typeof(SaveSearchDto))]
[JsonSerializable(typeof(ItemsDto<SavedSearchDto>))]
[JsonSerializable(typeof(ItemsDto<RelatedDto>))]
[JsonSerializable(typeof(SearchStateDto))]
public sealed partial class HarimaJson : JsonSerializerContext;

/// <summary>Enums as lower-case words; numbers are refused.</summary>
public sealed class LowerCaseWords<T>()
    : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
