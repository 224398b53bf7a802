using Harima.Access;
using Harima.Archives;
using Harima.BucketConfiguration;
using Harima.Catalogue;
using Harima.Demo;
using Harima.Exchange;
using Harima.Extraction;
using Harima.Identity;
using Harima.Mail;
using Harima.Metadata;
using Harima.Metadata.Annotations;
using Harima.Metadata.Schemas;
using Harima.Metadata.Tables;
using Harima.Previews;
using Harima.Proposals;
using Harima.Registration;
using Harima.Samples;
using Harima.SciCat;
using Harima.Search;
using Harima.Sequences;
using Harima.Storage;
using Harima.Work;
using Harima.Workspaces;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Harima;

/// <summary>Wires the capabilities together. Everything is stateless or thread-safe, so everything is a singleton.</summary>
public static class CoreSetup
{
    public static IServiceCollection AddHarimaCore(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        Bind<DataOptions>(services, configuration, DataOptions.Section);
        Bind<FacilityOptions>(services, configuration, FacilityOptions.Section);
        Bind<CatalogueOptions>(services, configuration, CatalogueOptions.Section);
        Bind<IdentityOptions>(services, configuration, IdentityOptions.Section);
        Bind<S3StoreOptions>(services, configuration, S3StoreOptions.Section);
        Bind<StorageOptions>(services, configuration, StorageOptions.Section);
        Bind<AccessLogOptions>(services, configuration, AccessLogOptions.Section);
        Bind<RegistrationOptions>(services, configuration, RegistrationOptions.Section);
        Bind<ScrubOptions>(services, configuration, ScrubOptions.Section);
        Bind<WorkspaceOptions>(services, configuration, WorkspaceOptions.Section);
        Bind<ExtractionOptions>(services, configuration, ExtractionOptions.Section);
        Bind<SearchOptions>(services, configuration, SearchOptions.Section);
        Bind<MailOptions>(services, configuration, MailOptions.Section);
        services
            .AddSingleton(provider => new FacilityClock(provider.GetRequiredService<IOptions<FacilityOptions>>()))
            .AddSingleton<Database>()
            .AddSingleton<AccessGeneration>()
            .AddSingleton<CatalogueWriter>()
            .AddSingleton<Migrator>();
        services.AddSingleton<SendMail>();
        services.AddSingleton<WorkQueue>().AddSingleton<WorkWorker>().AddSingleton<AuditFollower>();
        services
            .AddSingleton<MasterKey>()
            .AddSingleton<Users>()
            .AddSingleton<ExternalLogins>()
            .AddSingleton<AccessKeys>()
            .AddSingleton<ApiTokens>();
        services
            .AddSingleton<PosixStore>()
            .AddSingleton<S3Store>()
            .AddSingleton<ByteStore>(provider =>
                string.IsNullOrEmpty(provider.GetRequiredService<IOptions<S3StoreOptions>>().Value.Bucket)
                    ? provider.GetRequiredService<PosixStore>()
                    : provider.GetRequiredService<S3Store>()
            )
            .AddSingleton<RegisteredFolders>()
            .AddSingleton<DataFiles>()
            .AddSingleton<FileVersions>()
            .AddSingleton<Buckets>()
            .AddSingleton<BucketSettings>()
            .AddSingleton<FileStore>()
            .AddSingleton<Uploads>();
        services.AddSingleton<DamagedFiles>().AddSingleton<FileCheck>().AddSingleton<ScrubPlace>();
        services
            .AddSingleton<Policy>()
            .AddSingleton<GivenUpWork>()
            .AddSingleton<Grants>()
            .AddSingleton<Audit>()
            .AddSingleton<Administrators>();
        services
            .AddSingleton<AccessLog>()
            .AddSingleton<AccessLogFiles>()
            .AddSingleton<AccessFold>()
            .AddSingleton(provider => new AccessLogWorker(
                provider.GetRequiredService<AccessLog>(),
                provider.GetRequiredService<AccessLogFiles>(),
                provider.GetRequiredService<AccessFold>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<AccessLogWorker>>()
            ))
            .AddHostedService(provider => provider.GetRequiredService<AccessLogWorker>());
        services.AddSingleton<AccessQueries>();
        services.AddSingleton<ProposalQueries>().AddSingleton<CreateProposal>().AddSingleton<CreateBeamline>();
        services
            .AddSingleton<WorkspaceQueries>()
            .AddSingleton<WorkspaceAccess>()
            .AddSingleton<CreateWorkspace>()
            .AddSingleton<DeleteWorkspace>()
            .AddSingleton<ShareWorkspace>();
        services
            .AddSingleton<FilePlaces>()
            .AddSingleton<FileChange>()
            .AddSingleton<FileQueries>()
            .AddSingleton<AddFile>()
            .AddSingleton<RemoveFile>()
            .AddSingleton<RemoveFolder>()
            .AddSingleton<CopyFile>()
            .AddSingleton<TagFile>()
            .AddSingleton<KeepVersions>()
            .AddSingleton<MultipartUploads>()
            .AddSingleton<SequenceAccess>()
            .AddSingleton<SequenceQueries>()
            .AddSingleton<OpenSequence>()
            .AddSingleton<OpenOrContinueSequence>()
            .AddSingleton<CloseSequence>()
            .AddSingleton<DeleteSequence>()
            .AddSingleton<ShareSequence>();
        services.AddSingleton<ScrubFiles>().AddSingleton<StorageHealth>();
        services
            .AddSingleton<PolicyShares>()
            .AddSingleton<ConfigureBucket>()
            .AddSingleton<ShareBucket>()
            .AddSingleton<BucketCors>();
        services
            .AddSingleton<SampleQueries>()
            .AddSingleton<SampleFamily>()
            .AddSingleton<PutSample>()
            .AddSingleton<SequenceSamples>();
        services.AddSingleton<ExchangeMetadata>();
        services.AddSingleton<SequencePreview>();
        services
            .AddSingleton<MetadataQueries>()
            .AddSingleton<SetMetadata>()
            .AddSingleton<OpenSequences>()
            .AddSingleton<RestoreMetadata>()
            .AddSingleton<BulkEdit>()
            .AddSingleton<LargeEdits>()
            .AddSingleton(provider => provider.GetRequiredService<LargeEdits>().Work)
            .AddSingleton<MetadataSchemas>()
            .AddSingleton<RegisterSchema>()
            .AddSingleton<FollowSchema>()
            .AddSingleton<Labels>()
            .AddSingleton<Comments>()
            .AddSingleton<TellMentioned>()
            .AddSingleton(provider => provider.GetRequiredService<TellMentioned>().Work)
            .AddSingleton<Ratings>()
            .AddSingleton<MetadataTable>();
        services
            .AddSingleton<ExtractMetadata>()
            .AddSingleton<ExtractionQueries>()
            .AddSingleton<AcceptExtracted>()
            .AddSingleton<DismissExtracted>()
            .AddSingleton(provider => provider.GetRequiredService<ExtractMetadata>().Work)
            .AddSingleton(ExtractMetadata.Follows);
        services
            .AddSingleton<ArchiveContents>()
            .AddSingleton<PlanArchive>()
            .AddSingleton<SendArchive>()
            .AddSingleton<ArchiveLinks>();
        services.AddRegistration();
        services.AddSearch();
        services.AddSciCat();
        services.AddSingleton<FillDemoFacility>();
        services.AddSingleton<Startup>().AddHostedService<IdentityWorker>().AddHostedService<StorageWorker>();
        services.AddHostedService<ScrubWorker>();
        services
            .AddHostedService<AuditFollowerWorker>()
            .AddHostedService(provider => provider.GetRequiredService<WorkWorker>());
        return services;
    }

    static void Bind<T>(IServiceCollection services, IConfiguration configuration, string section)
        where T : class =>
        services.AddOptions<T>().Bind(configuration.GetSection(section)).ValidateDataAnnotations().ValidateOnStart();
}

/// <summary>What must be done before the first request is taken.</summary>
public sealed class Startup(
    Migrator migrator,
    ByteStore store,
    FileStore files,
    DamagedFiles damaged,
    Database database,
    PolicyShares policyShares,
    RegisterSchema schemas
)
{
    /// <summary>Brings the catalogue up to date, then finishes what a stop left between catalogue and disk.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await migrator.ApplyAsync(cancellationToken);
        await store.PrepareAsync(cancellationToken);
        await schemas.InstallAsync(cancellationToken);
        await files.ReconcileAsync(database, cancellationToken);
        await damaged.ReloadAsync(cancellationToken);
        await policyShares.ForgetUnlessOfferedAsync(cancellationToken);
    }
}
