//! `#[derive(Shaped)]`: tells the names of a struct's fields, so that a test can hold them against the service's model. It changes nothing
//! about how the struct is read or written; that is serde's.

use proc_macro::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, parse_macro_input};

/// Lists a struct's named fields. Enums and tuple structs are leaves: they stand for one value.
#[proc_macro_derive(Shaped)]
pub fn shaped(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let body = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => {
                let entries = fields.named.iter().filter_map(|field| {
                    let ident = field.ident.as_ref()?;
                    let text = ident.to_string();
                    let text = text.trim_start_matches("r#");
                    let kind = &field.ty;
                    Some(quote! { ::wire::FieldDef { name: #text, fields: <#kind as ::wire::Shaped>::fields } })
                });
                quote! { fn fields() -> Option<&'static [::wire::FieldDef]> { Some(&[ #(#entries),* ]) } }
            }
            Fields::Unnamed(_) | Fields::Unit => quote! {},
        },
        Data::Enum(_) | Data::Union(_) => quote! {},
    };
    quote! { impl #generics ::wire::Shaped for #name #arguments #bounds { #body } }.into()
}
