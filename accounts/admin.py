"""What staff see and may change. What people do, they do themselves; what the application sends, it sends."""

from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import transaction
from django.db.models import Count, ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _, ngettext

from accounts import text
from accounts.actions import erasing, sending
from accounts.actions.merging import accept_aliases, merge_topics
from accounts.models import Listing, Notice, PendingAlias, Profile, RefusedPair, Topic, TopicAlias, User
from accounts.rules import Refused, constraints_speak

LONGEST_KEY: int = TopicAlias._meta.get_field("key").max_length


class MadeElsewhere:
    """Rows that people or the application make: staff may look, and change what is named."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False


class ReadOnly(MadeElsewhere):
    def has_change_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False


@admin.register(User)
class UserAdmin(MadeElsewhere, admin.ModelAdmin):
    list_display = ["email", "name", "is_active", "is_staff", "joined_at", "last_login"]
    list_select_related = ["profile"]
    list_filter = ["is_active", "is_staff", "language"]
    search_fields = ["email", "profile__name"]
    ordering = ["-joined_at"]
    fields = [
        *("email", "time_zone", "language", "is_active", "is_staff", "is_superuser", "groups"),
        *("joined_at", "last_login"),
    ]
    filter_horizontal = ["groups"]

    @admin.display(description=_("name"), ordering="profile__name")
    def name(self, member: User) -> str:
        return member.profile.name

    def get_readonly_fields(self, request: HttpRequest, member: User | None = None) -> list[str]:
        """An address is changed by its owner, who confirms it. Only a superuser makes others staff."""
        kept = ["email", "joined_at", "last_login"]
        return kept if request.user.is_superuser else [*kept, "is_staff", "is_superuser", "groups"]

    def get_deleted_objects(self, members: Any, request: HttpRequest) -> tuple[Any, Any, set[str], Any]:
        """Whoever may delete a member may delete what goes with them, though not those rows by themselves."""
        listed, counts, _needed, protected = super().get_deleted_objects(members, request)
        return listed, counts, set(), protected

    def delete_model(self, request: HttpRequest, member: User) -> None:
        erasing.erase(by=member, site_url=request.build_absolute_uri("/").rstrip("/"))

    def delete_queryset(self, request: HttpRequest, members: QuerySet[User]) -> None:
        for member in members:
            self.delete_model(request, member)


@admin.register(Profile)
class ProfileAdmin(MadeElsewhere, admin.ModelAdmin):
    list_display = ["name", "member", "headline", "is_looking", "paused_until"]
    list_select_related = ["member"]
    list_filter = ["is_looking"]
    search_fields = ["name", "headline", "member__email"]
    ordering = ["name"]
    fields = ["member", "name", "headline", "about", "is_looking", "paused_until"]
    readonly_fields = ["member"]

    def has_delete_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False


class TopicAliasForm(forms.ModelForm):
    class Meta:
        model = TopicAlias
        fields = ["phrase"]

    def clean_phrase(self) -> str:
        phrase = text.one_line(self.cleaned_data["phrase"])
        self.instance.key = text.key(phrase)
        # One sign may be many when it is compared: U+FDFA is eighteen.
        if len(self.instance.key) > LONGEST_KEY:
            raise forms.ValidationError(_("That is too long. Say it in fewer words."))
        if not self.instance.key:
            raise forms.ValidationError(_("Name the topic in a word or two, with letters or numbers."))
        if TopicAlias.objects.filter(key=self.instance.key).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("This phrase already belongs to a topic."))
        return phrase


class TopicAliasInline(admin.TabularInline):
    model = TopicAlias
    form = TopicAliasForm
    extra = 1


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    list_display = ["label_en", "label_fr", "kind", "is_provisional", "listing_count"]
    list_filter = ["is_provisional", "kind"]
    search_fields = ["label_en", "label_fr", "aliases__phrase"]
    inlines = [TopicAliasInline]
    actions = ["merge"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        return super().get_queryset(request).annotate(listing_count=Count("listings", distinct=True))

    @admin.display(description=_("listings"), ordering="listing_count")
    def listing_count(self, topic: Topic) -> int:
        return topic.listing_count  # type: ignore[attr-defined]

    def save_related(self, *args: Any) -> None:
        """Two new phrases may be the same one: only the database sees them both."""
        with constraints_speak():
            super().save_related(*args)

    @admin.action(description=_("Make one topic of two"), permissions=["delete"])
    def merge(self, request: HttpRequest, chosen: QuerySet[Topic]) -> HttpResponse | None:
        """Ask which of the two stays, and do it: all names, listings and memories of the other become its own."""
        topics = list(chosen.order_by("is_provisional", "-listing_count", "pk"))
        if len(topics) != 2:
            self.message_user(request, _("Choose the two topics that are to be one."), messages.ERROR)
            return None
        if "kept" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": _("Make one topic of two"),
                "opts": self.model._meta,
                "topics": topics,
                "selected": ACTION_CHECKBOX_NAME,
            }
            return render(request, "admin/merge_topics.html", context)
        kept, merged = sorted(topics, key=lambda topic: str(topic.pk) != request.POST["kept"])
        try:
            with transaction.atomic():
                self.log_deletions(request, Topic.objects.filter(pk=merged.pk))
                self.log_change(request, kept, f"Took in “{merged.label_en}” ({merged.pk}) with all that was its own.")
                merge_topics(kept_id=kept.pk, merged_id=merged.pk)
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            words = {"kept": kept, "merged": merged}
            self.message_user(request, _("“%(merged)s” is part of “%(kept)s” now.") % words, messages.SUCCESS)
        return None


@admin.register(PendingAlias)
class PendingAliasAdmin(MadeElsewhere, admin.ModelAdmin):
    """What members chose for their words. Deleting one dismisses it: their listing stays as it is."""

    list_display = ["phrase", "topic", "chosen_at"]
    list_select_related = ["topic"]
    search_fields = ["phrase", "topic__label_en", "topic__label_fr"]
    ordering = ["key", "chosen_at"]
    fields = ["phrase", "topic", "chosen_at"]
    actions = ["accept"]

    def has_change_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    @admin.action(description=_("Let it mean this topic for everybody"), permissions=["delete"])
    def accept(self, request: HttpRequest, chosen: QuerySet[PendingAlias]) -> None:
        with transaction.atomic():
            for choice in chosen.select_related("topic"):
                self.log_change(request, choice, f"Accepted “{choice.phrase}” for “{choice.topic.label_en}”.")
            count, elsewhere = accept_aliases(chosen=chosen)
        said = ngettext("%(count)d phrase is a name now.", "%(count)d phrases are names now.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS)
        for phrase in elsewhere:
            words = {"phrase": phrase}
            said = _("“%(phrase)s” is the name of another topic already: merge the two, or delete the choice.")
            self.message_user(request, said % words, messages.WARNING)


@admin.register(RefusedPair)
class RefusedPairAdmin(MadeElsewhere, admin.ModelAdmin):
    """What members said a phrase does not mean. Deleting one lets likeness link the two again."""

    list_display = ["key", "topic"]
    list_select_related = ["topic"]
    search_fields = ["key", "topic__label_en", "topic__label_fr"]
    ordering = ["key", "pk"]

    def has_change_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False


class TopicSelect(AutocompleteSelect):
    """A topic that is no number is no topic: the form says so, where Django's widget would look for it and fail."""

    def optgroups(self, name: str, value: list[str], attr: dict[str, Any] | None = None) -> list[Any]:
        return super().optgroups(name, [each for each in value if str(each).isdecimal()], attr)


@admin.register(Listing)
class ListingAdmin(MadeElsewhere, admin.ModelAdmin):
    list_display = ["phrase", "topic", "side", "kind", "member", "removed_at"]
    list_select_related = ["topic", "member"]
    list_filter = ["side", "kind"]
    search_fields = ["phrase", "topic__label_en", "words", "member__email"]
    ordering = ["-added_at"]
    fields = [
        *("member", "side", "phrase", "kind", "topic", "words", "level", "importance", "difference"),
        *("added_at", "removed_at"),
    ]
    readonly_fields = ["member", "side", "phrase", "added_at", "removed_at"]

    def formfield_for_foreignkey(self, db_field: ForeignKey, *args: Any, **kwargs: Any) -> Any:
        if db_field.name == "topic":
            kwargs["widget"] = TopicSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, *args, **kwargs)

    def save_model(self, *args: Any) -> None:
        """What depends on the member or the side, which are not in the form, the database says."""
        with constraints_speak():
            super().save_model(*args)


@admin.register(Notice)
class NoticeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["kind", "address", "state", "attempts", "due_at", "sent_at", "last_error"]
    list_filter = ["state"]
    search_fields = ["address", "kind", "key"]
    ordering = ["-due_at"]
    fields = [
        *("kind", "address", "member", "state", "attempts", "faults", "last_error", "due_at", "next_attempt_at"),
        *("expires_at", "sent_at", "lease_until", "key", "held"),
    ]
    readonly_fields = ["held"]
    actions = ["try_again"]

    @admin.display(description=_("context"))
    def held(self, notice: Notice) -> str:
        """What is kept for the mail, by name only: it may be a code or a link that opens the member's account."""
        return ", ".join(sorted(notice.context)) or "–"

    @admin.action(description=_("Try again"), permissions=["view"])
    def try_again(self, request: HttpRequest, chosen: QuerySet[Notice]) -> None:
        count = sending.try_again(notices=chosen)
        said = ngettext("%(count)d notice will be tried again.", "%(count)d notices will be tried again.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS)


class EmailAddressAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["email", "user", "primary", "verified"]
    list_select_related = ["user"]
    list_filter = ["verified", "primary"]
    search_fields = ["email"]
    ordering = ["email"]


class AuthenticatorAdmin(MadeElsewhere, admin.ModelAdmin):
    """For a member who has lost their phone and their recovery codes: staff may take the second step away."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    ordering = ["-created_at"]
    fields = ["user", "type", "created_at", "last_used_at"]

    def has_change_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False


def take_over_from_allauth() -> None:
    """Show staff allauth's tables our way: its own pages show the secrets of two-step login and of sessions."""
    for model in (EmailAddress, EmailConfirmation, Authenticator, UserSession):
        if admin.site.is_registered(model):
            admin.site.unregister(model)
    admin.site.register(EmailAddress, EmailAddressAdmin)
    admin.site.register(Authenticator, AuthenticatorAdmin)
